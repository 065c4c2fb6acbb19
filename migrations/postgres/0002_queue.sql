-- What the queue needs beyond one worker: chains, fairness, the reason a job waits, logs of attempts, lists that stay quick.
--
-- `parent_job_id` is the job on whose result a follower runs, `parent_ordinal` its place in that job's `then`: each follower
-- is enqueued once, the index says so. `spent_ms` is how long the attempts that have ended took together. `pruned_at` is
-- when the events and logs of a finished job were removed.
alter table jobs add column parent_job_id uuid references jobs (id);
alter table jobs add column parent_ordinal bigint;
alter table jobs add column spent_ms bigint not null default 0;
alter table jobs add column pruned_at bigint;

create unique index jobs_follower on jobs (parent_job_id, parent_ordinal) where parent_job_id is not null;
create index jobs_claim on jobs (project_id, kind, priority desc, run_after, id) where state = 'queued';
create index jobs_waiting on jobs (queued_at, id) where state = 'queued';
create index jobs_running on jobs (project_id, kind) where state = 'running';
create index jobs_unpruned on jobs (finished_at) where finished_at is not null and pruned_at is null;

-- A list is one walk down one of these, newest first.
drop index jobs_revision;
drop index jobs_model;
create index jobs_state on jobs (state, id);
create index jobs_kind on jobs (kind, id);
create index jobs_project_state on jobs (project_id, state, id);
create index jobs_model on jobs (model_id, id);
create index jobs_model_state on jobs (model_id, state, id);
create index jobs_revision on jobs (revision_id, id);
create index measurements_job on measurements (job_id, id) where job_id is not null;
create index measurements_revision_newest on measurements (revision_id, id);
create index measurements_model_newest on measurements (model_id, id);
create index measurements_project on measurements (project_id, id);
create index measurements_project_metric on measurements (project_id, metric, id);
create index measurements_metric on measurements (metric, id);
create index measurements_device on measurements (device, id) where device is not null;

-- Worker processes that were heard of: `kinds` is `,compress,` and so on. No lease hangs on these rows.
create table workers (
    id uuid not null primary key,
    kinds text not null,
    started_at bigint not null,
    seen_at bigint not null
);

-- What the worker of an attempt noted, line by line.
create table attempt_lines (
    job_id uuid not null references jobs (id),
    fence bigint not null,
    seq bigint not null,
    level text not null check (level in ('info', 'warn', 'error')),
    message text not null,
    created_at bigint not null,
    primary key (job_id, fence, seq)
);
