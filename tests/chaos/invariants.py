"""What must hold after the storm, asked of the database's own history.

The history does not depend on the program's checks: triggers, made by the test, write down every change of jobs, attempts,
revisions, measurements and events with the transaction and the role of the session that made it. Each life of each process
has a role of its own, so that the history says *who* wrote, whatever the program believed.
"""
import base64
import hashlib
import io
import json
import re
import urllib.request
import zipfile
from collections import Counter, defaultdict

FINAL = ("succeeded", "failed", "cancelled")

RECORD = """
create schema fleet;
create table fleet.history (n bigserial primary key, txid bigint not null, at timestamptz not null, writer text not null,
                            tab text not null, op text not null, before jsonb, after jsonb);
create function fleet.record() returns trigger language plpgsql as $$
begin
    insert into fleet.history (txid, at, writer, tab, op, before, after)
    values (txid_current(), clock_timestamp(), session_user, tg_table_name, tg_op,
            case when tg_op = 'INSERT' then null else to_jsonb(old) - 'report' - 'inspection' - 'recipe' - 'followers' end,
            case when tg_op = 'DELETE' then null else to_jsonb(new) - 'report' - 'inspection' - 'recipe' - 'followers' end);
    return null;
end $$;
do $$ begin
    for member in 1..6 loop for life in 1..300 loop
        execute format('create role %I superuser login', case when member < 5 then 'worker' || member else 'server' || member - 4 end || '_' || life);
    end loop; end loop;
end $$;
""" + "".join(f"create trigger fleet after insert or update or delete on {table} for each row execute function fleet.record();\n"
              for table in ("jobs", "attempts", "revisions", "measurements", "job_events"))


def s3_get(url):
    """Bytes from the S3 server itself, past the proxy. It takes any signature, but wants to see one."""
    signature = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
    with urllib.request.urlopen(urllib.request.Request(url, headers={"Authorization": signature}), timeout=60) as answer:
        return answer.read()


class Check:
    def __init__(self, postgres, fault):
        self.postgres, self.fault = postgres, fault
        self.found = Counter()

    def all(self, accepted, ended, followed):
        """`accepted`: job id to key; `ended`: how jobs had ended when a client saw them end; `followed`: the events that
        streams told, by job."""
        rows = self.postgres.rows
        jobs = {row["id"]: row for row in rows("select id, state, attempts, losses, event_seq, result, followers, finished_at, cancel_requested from jobs")}
        attempts = defaultdict(list)
        for row in rows("select * from attempts order by job_id, fence"):
            attempts[row["job_id"]].append(row)
        history = rows("select n, txid, writer, tab, op, before, after from fleet.history order by n")
        self.found.update(jobs=len(jobs), attempts=sum(map(len, attempts.values())), changes=len(history))
        self.accepted(jobs, accepted, ended, rows)
        for job, row in jobs.items():
            self.one_end(job, row, attempts[job])
        self.events(jobs, rows, followed)
        self.holders(history)
        self.effects(history)
        self.finished(history)

    def accepted(self, jobs, accepted, ended, rows):
        for job, state in ended.items():
            if job in jobs and jobs[job]["state"] != state:
                self.fault(f"end: job {job} was seen {state} and is {jobs[job]['state']}")
        for job in set(accepted) - set(jobs):
            self.fault(f"accepted: job {job} is gone")
        keys = Counter(accepted.values())
        for key, number in keys.items():
            if number > 1:
                self.fault(f"accepted: key {key} made {number} jobs")
        # what nobody was answered: only followers of jobs that succeeded, each once
        extra = set(jobs) - set(accepted)
        due = sum(len(json.loads(row["followers"])) for row in jobs.values() if row["state"] == "succeeded")
        self.found["followers"] = len(extra)
        if len(extra) != due:
            self.fault(f"accepted: {len(extra)} jobs that nobody was told of, {due} followers due")

    def one_end(self, job, row, attempts):
        states = Counter(a["state"] for a in attempts)
        self.found.update({f"attempt_{state}": number for state, number in states.items()})
        self.found[f"job_{row['state']}"] += 1
        if row["state"] not in FINAL:
            self.fault(f"end: job {job} is {row['state']}")
        if states["succeeded"] != (row["state"] == "succeeded") or states["leased"]:
            self.fault(f"end: job {job} is {row['state']} with attempts {dict(states)}")
        if [a["fence"] for a in attempts] != list(range(1, row["attempts"] + 1)):
            self.fault(f"fence: job {job}: {row['attempts']} attempts, fences {[a['fence'] for a in attempts]}")
        for one, two in zip(attempts, attempts[1:]):
            if one["ended_at"] is None or one["ended_at"] > two["started_at"]:
                self.fault(f"fence: job {job}: attempts {one['fence']} and {two['fence']} overlap: {one['ended_at']} > {two['started_at']}")

    def events(self, jobs, rows, followed):
        found = defaultdict(list)
        for row in rows("select job_id, seq, kind, data from job_events order by job_id, seq"):
            found[row["job_id"]].append(row)
        for job, row in jobs.items():
            events = found[job]
            if [e["seq"] for e in events] != list(range(1, row["event_seq"] + 1)):
                self.fault(f"events: job {job}: numbers {[e['seq'] for e in events]}, last {row['event_seq']}")
            kinds = [e["kind"] for e in events]
            ends = [kind for kind in kinds if kind in FINAL]
            if ends != [row["state"]]:
                self.fault(f"events: job {job} is {row['state']} and told {ends}")
            after = kinds[kinds.index(ends[0]) + 1:] if ends else []
            if set(after) - {"stale_write"}:
                self.fault(f"events: job {job}: {after} after its end")
            self.found["stale_writes"] += kinds.count("stale_write")
            told = followed.get(job, [])
            if told and told != [(e["seq"], e["kind"]) for e in events][:len(told)]:
                self.fault(f"events: job {job}: a stream told {told}")
            self.found["streams_to_the_end"] += bool(told) and told[-1][1] in FINAL
            if kinds.count("running") != row["attempts"]:
                self.fault(f"events: job {job} ran {kinds.count('running')} times in {row['attempts']} attempts")

    def holders(self, history):
        """Who began an attempt is the only one that renews it or ends it in any way but by its loss."""
        owner, leased = {}, {}
        for h in history:
            if h["tab"] != "attempts":
                continue
            after, before = h["after"], h["before"]
            if h["op"] == "INSERT":
                owner[after["id"]] = h["writer"]
                other = leased.get(after["job_id"])
                if other is not None:
                    self.fault(f"fence: job {after['job_id']}: fence {after['fence']} was leased while {other} was held")
                leased[after["job_id"]] = after["fence"]
                continue
            if h["op"] == "DELETE":
                self.fault(f"fence: an attempt of job {before['job_id']} was deleted by {h['writer']}")
                continue
            if before["state"] != "leased":
                self.fault(f"fence: {h['writer']} changed attempt {before['fence']} of job {before['job_id']} after its end ({before['state']})")
            if after["state"] != "leased":
                leased.pop(after["job_id"], None)
            if after["state"] == "lost":
                self.found["swept_by:" + h["writer"].rsplit("_", 1)[0]] += 1
                if before["lease_expires_at"] > after["ended_at"]:
                    self.fault(f"fence: the lease of attempt {after['fence']} of job {after['job_id']} was taken {before['lease_expires_at'] - after['ended_at']} ms early")
            elif h["writer"] != owner[after["id"]]:
                self.fault(f"fence: {h['writer']} wrote {after['state']} to attempt {after['fence']} of job {after['job_id']}, which {owner[after['id']]} held")
        self.owner = owner

    def effects(self, history):
        """What a job made was made in the transaction in which the holder's attempt succeeded."""
        won = {}  # transaction -> (job, attempt, writer)
        for h in history:
            if h["tab"] == "attempts" and h["op"] == "UPDATE" and h["after"]["state"] == "succeeded" and h["before"]["state"] == "leased":
                won[h["txid"]] = (h["after"]["job_id"], h["after"]["id"], h["writer"])
        ends = defaultdict(list)
        for h in history:
            after = h["after"] or {}
            if h["tab"] == "measurements" and h["op"] == "INSERT" and after["job_id"]:
                if won.get(h["txid"]) != (after["job_id"], after["attempt_id"], h["writer"]):
                    self.fault(f"fence: a measurement of job {after['job_id']} names attempt {after['attempt_id']}; its transaction ended {won.get(h['txid'])}, written by {h['writer']}")
            elif h["tab"] == "revisions" and h["op"] == "INSERT" and after["job_id"]:
                self.found["revisions_made"] += 1
                if won.get(h["txid"], (None,))[0] != after["job_id"]:
                    self.fault(f"fence: a revision of job {after['job_id']} was stored by {h['writer']} without an attempt that succeeded")
            elif h["tab"] == "jobs" and h["op"] == "UPDATE" and after["state"] == "succeeded" and h["before"]["state"] != "succeeded":
                ends[after["id"]].append(h["writer"])
                if won.get(h["txid"], (None,))[0] != after["id"]:
                    self.fault(f"fence: job {after['id']} succeeded by {h['writer']} without an attempt that succeeded")
        self.found["effects"] = len(won)

    def finished(self, history):
        """A finished job never changes but for the number of its events."""
        done = Counter()
        for h in history:
            if h["tab"] != "jobs":
                continue
            if h["op"] == "DELETE":
                self.fault(f"end: job {h['before']['id']} was deleted")
            elif h["op"] == "UPDATE":
                before, after = dict(h["before"], event_seq=0), dict(h["after"], event_seq=0)
                done[after["id"]] += before["finished_at"] is None and after["finished_at"] is not None
                if before["state"] in FINAL and before != after:
                    self.fault(f"end: {h['writer']} changed job {after['id']} after its end: {[k for k in after if after[k] != before[k]]}")
        for job, times in done.items():
            if times != 1:
                self.fault(f"end: job {job} ended {times} times")

    def store(self, s3, bucket):
        """Every object that a row names is there with its length and is what its name says; the rest is counted."""
        objects, token = {}, ""
        while token is not None:
            page = s3_get(f"{s3}/{bucket}?list-type=2{token}").decode()
            for key, size in re.findall(r"<Contents>.*?<Key>([^<]+)</Key>.*?<Size>(\d+)</Size>.*?</Contents>", page, re.S):
                objects[key.rsplit("/", 1)[-1]] = (key, int(size))
            more = re.search(r"<NextContinuationToken>([^<]+)<", page)
            token = "&continuation-token=" + urllib.request.quote(more[1], safe="") if more else None
        named = {row["sha256"]: row["size_bytes"] for row in self.postgres.rows(
            "select distinct encode(f.sha256, 'hex') sha256, f.size_bytes from revision_files f join revisions r on r.id = f.revision_id where r.deleted_at is null")}
        for digest, size in named.items():
            if digest not in objects or objects[digest][1] != size:
                self.fault(f"store: object {digest} of {size} bytes is {objects.get(digest)}")
                continue
            if hashlib.sha256(s3_get(f"{s3}/{bucket}/{objects[digest][0]}")).hexdigest() != digest:
                self.fault(f"store: object {digest} holds something else")
        self.found.update(objects=len(objects), objects_without_a_row=len(set(objects) - set(named)))

    def downloads(self, get, uploaded):
        """Every revision downloads whole; `get` gives status, headers and bytes of a path."""
        files = defaultdict(dict)
        for row in self.postgres.rows("select revision_id, path, encode(sha256, 'hex') sha256 from revision_files where size_bytes > 0"):
            files[row["revision_id"]][row["path"]] = row["sha256"]
        stored = {row["id"]: row["digest"] for row in self.postgres.rows("select id, encode(digest, 'hex') digest from revisions where deleted_at is null")}
        for revision, digest in uploaded.items():
            if stored.get(revision) != digest.removeprefix("sha256:"):
                self.fault(f"download: uploaded revision {revision} is {stored.get(revision)}")
        for revision in stored:
            status, headers, content = get(f"/revisions/{revision}/package")
            if status != 200:
                self.fault(f"download: revision {revision}: {status} {content[:200]}")
                continue
            told = re.search(r"sha-256=:([^:]+):", headers.get("Content-Digest", ""))
            if not told or base64.b64decode(told[1]) != hashlib.sha256(content).digest():
                self.fault(f"download: revision {revision} is not what its Content-Digest says")
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                got = {name.split("/", 1)[1]: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist() if archive.getinfo(name).file_size}
            if got != files[revision]:
                self.fault(f"download: revision {revision}: files differ: {sorted(set(got.items()) ^ set(files[revision].items()))[:4]}")
            self.found["revisions_downloaded"] += 1
