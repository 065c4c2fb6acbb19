-- What the service remembers. The same number and the same text as in the other dialect's folder but for the names of
-- types and what stands behind a table's closing parenthesis; a test compares them.
--
-- Moments are milliseconds since 1970 (UTC). Digests are 32 bytes. JSON is text, written and read by us alone.
-- Deleting marks (`deleted_at`): lineage, jobs and measurements stay, files and names are freed.

create table projects (
    id blob not null primary key,
    name text not null unique,
    created_at integer not null
) strict;

create table models (
    id blob not null primary key,
    project_id blob not null references projects (id),
    name text not null,
    description text not null,
    data_set_id blob,
    created_at integer not null,
    updated_at integer not null,
    deleted_at integer
) strict;
create unique index models_name on models (project_id, name) where deleted_at is null;

-- Bytes in the object store, named by their SHA-256. Written before any row refers to them; one that no revision_files
-- row names, and that was not referenced for a while, may be swept.
create table objects (
    sha256 blob not null primary key,
    size_bytes integer not null check (size_bytes >= 0),
    created_at integer not null,
    referenced_at integer not null
) strict;

-- `package_name` is what the top folder of the download is called: the model's name when the revision was stored, so
-- that renaming the model does not change the bytes of a download.
create table revisions (
    id blob not null primary key,
    project_id blob not null references projects (id),
    model_id blob not null references models (id),
    digest blob not null,
    content_digest blob not null,
    kind text not null,
    package_name text not null,
    size_bytes integer not null check (size_bytes >= 0),
    parent_id blob references revisions (id),
    recipe text,
    job_id blob,
    tags text not null,
    notes text not null,
    inspection text not null,
    created_at integer not null,
    updated_at integer not null,
    deleted_at integer
) strict;
create unique index revisions_digest on revisions (model_id, digest) where deleted_at is null;
create index revisions_content on revisions (model_id, content_digest);
create index revisions_parent on revisions (parent_id) where parent_id is not null;

create table revision_files (
    revision_id blob not null references revisions (id),
    ordinal integer not null,
    path text not null,
    sha256 blob not null references objects (sha256),
    size_bytes integer not null check (size_bytes >= 0),
    crc32 integer not null check (crc32 between 0 and 4294967295),
    primary key (revision_id, ordinal),
    unique (revision_id, path)
) strict;
create index revision_files_object on revision_files (sha256);

-- The same tags as in revisions.tags, to be found by.
create table revision_tags (
    revision_id blob not null references revisions (id),
    key text not null,
    value text not null,
    primary key (revision_id, key)
) strict;
create index revision_tags_value on revision_tags (key, value);

create table aliases (
    model_id blob not null references models (id),
    name text not null,
    revision_id blob not null references revisions (id),
    updated_at integer not null,
    primary key (model_id, name)
) strict;
create index aliases_revision on aliases (revision_id);

-- `attempts` counts the attempts begun and is the fencing number of the newest; `failures` counts those that failed,
-- `losses` those that lost their lease one after the other. `event_seq` is the number of the newest event.
create table jobs (
    id blob not null primary key,
    project_id blob not null references projects (id),
    kind text not null check (kind in ('compress', 'evaluate', 'benchmark', 'calibrate', 'search')),
    state text not null check (state in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    phase text,
    progress real not null check (progress >= 0 and progress <= 1),
    model_id blob not null references models (id),
    revision_id blob not null references revisions (id),
    data_set_id blob,
    recipe text,
    spec text,
    followers text not null,
    priority integer not null,
    result text,
    report text,
    error text,
    attempts integer not null check (attempts >= 0),
    failures integer not null check (failures >= 0),
    losses integer not null check (losses >= 0),
    cancel_requested integer not null,
    event_seq integer not null,
    run_after integer not null,
    queued_at integer not null,
    created_at integer not null,
    started_at integer,
    finished_at integer,
    check ((state in ('succeeded', 'failed', 'cancelled')) = (finished_at is not null)),
    check ((state = 'succeeded') = (result is not null)),
    check ((state = 'failed') = (error is not null)),
    check (phase is null or state = 'running'),
    check (state not in ('running', 'succeeded') or (started_at is not null and attempts > 0)),
    check (not (cancel_requested and state = 'queued'))
) strict;
create index jobs_queued on jobs (priority desc, run_after, id) where state = 'queued';
create index jobs_project on jobs (project_id, id);
create index jobs_revision on jobs (revision_id);
create index jobs_model on jobs (model_id);

create table attempts (
    id blob not null primary key,
    job_id blob not null references jobs (id),
    fence integer not null check (fence > 0),
    worker_id blob not null,
    state text not null check (state in ('leased', 'succeeded', 'failed', 'cancelled', 'lost')),
    phase text,
    progress real not null check (progress >= 0 and progress <= 1),
    lease_expires_at integer not null,
    heartbeat_at integer not null,
    error text,
    started_at integer not null,
    ended_at integer,
    unique (job_id, fence),
    check ((state = 'leased') = (ended_at is null)),
    check (state <> 'failed' or error is not null)
) strict;
create unique index attempts_one_lease on attempts (job_id) where state = 'leased';
create index attempts_lease on attempts (lease_expires_at) where state = 'leased';

-- What happened to a job, in order; refused stale writes too. `seq` comes from the job's row in the same transaction.
create table job_events (
    job_id blob not null references jobs (id),
    seq integer not null,
    kind text not null,
    data text not null,
    created_at integer not null,
    primary key (job_id, seq)
) strict;

create table measurements (
    id blob not null primary key,
    project_id blob not null references projects (id),
    model_id blob not null references models (id),
    revision_id blob not null references revisions (id),
    job_id blob references jobs (id),
    attempt_id blob references attempts (id),
    metric text not null,
    value real not null,
    unit text not null,
    data_set_id blob,
    device text,
    compute_unit text,
    function text,
    created_at integer not null
) strict;
create index measurements_revision on measurements (revision_id, metric, id);
create index measurements_model on measurements (model_id, metric, id);

create table tokens (
    id blob not null primary key,
    hash blob not null unique,
    name text not null,
    scope text not null check (scope in ('reader', 'writer', 'admin')),
    project_id blob references projects (id),
    created_at integer not null,
    last_used_at integer,
    revoked_at integer
) strict;

-- `status` and `answer` are null while the first request runs; one that is still so when `locked_until` has passed was
-- cut short, and the next request with the key takes over.
create table idempotency_keys (
    principal text not null,
    route text not null,
    key text not null,
    body_sha256 blob not null,
    status integer,
    answer text,
    locked_until integer not null,
    created_at integer not null,
    primary key (principal, route, key),
    check ((status is null) = (answer is null))
) strict;
create index idempotency_keys_age on idempotency_keys (created_at);
