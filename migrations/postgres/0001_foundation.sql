-- What the service remembers. The same number and the same text as in the other dialect's folder but for the names of
-- types and what stands behind a table's closing parenthesis; a test compares them.
--
-- Moments are milliseconds since 1970 (UTC). Digests are 32 bytes. JSON is text, written and read by us alone.
-- Deleting marks (`deleted_at`): lineage, jobs and measurements stay, files and names are freed.

create table projects (
    id uuid not null primary key,
    name text not null unique,
    created_at bigint not null
);

create table models (
    id uuid not null primary key,
    project_id uuid not null references projects (id),
    name text not null,
    description text not null,
    data_set_id uuid,
    created_at bigint not null,
    updated_at bigint not null,
    deleted_at bigint
);
create unique index models_name on models (project_id, name) where deleted_at is null;

-- Bytes in the object store, named by their SHA-256. Written before any row refers to them; one that no revision_files
-- row names, and that was not referenced for a while, may be swept.
create table objects (
    sha256 bytea not null primary key,
    size_bytes bigint not null check (size_bytes >= 0),
    created_at bigint not null,
    referenced_at bigint not null
);

-- `package_name` is what the top folder of the download is called: the model's name when the revision was stored, so
-- that renaming the model does not change the bytes of a download.
create table revisions (
    id uuid not null primary key,
    project_id uuid not null references projects (id),
    model_id uuid not null references models (id),
    digest bytea not null,
    content_digest bytea not null,
    kind text not null,
    package_name text not null,
    size_bytes bigint not null check (size_bytes >= 0),
    parent_id uuid references revisions (id),
    recipe text,
    job_id uuid,
    tags text not null,
    notes text not null,
    inspection text not null,
    created_at bigint not null,
    updated_at bigint not null,
    deleted_at bigint
);
create unique index revisions_digest on revisions (model_id, digest) where deleted_at is null;
create index revisions_content on revisions (model_id, content_digest);
create index revisions_parent on revisions (parent_id) where parent_id is not null;

create table revision_files (
    revision_id uuid not null references revisions (id),
    ordinal bigint not null,
    path text not null,
    sha256 bytea not null references objects (sha256),
    size_bytes bigint not null check (size_bytes >= 0),
    crc32 bigint not null check (crc32 between 0 and 4294967295),
    primary key (revision_id, ordinal),
    unique (revision_id, path)
);
create index revision_files_object on revision_files (sha256);

-- The same tags as in revisions.tags, to be found by.
create table revision_tags (
    revision_id uuid not null references revisions (id),
    key text not null,
    value text not null,
    primary key (revision_id, key)
);
create index revision_tags_value on revision_tags (key, value);

create table aliases (
    model_id uuid not null references models (id),
    name text not null,
    revision_id uuid not null references revisions (id),
    updated_at bigint not null,
    primary key (model_id, name)
);
create index aliases_revision on aliases (revision_id);

-- `attempts` counts the attempts begun and is the fencing number of the newest; `failures` counts those that failed,
-- `losses` those that lost their lease one after the other. `event_seq` is the number of the newest event.
create table jobs (
    id uuid not null primary key,
    project_id uuid not null references projects (id),
    kind text not null check (kind in ('compress', 'evaluate', 'benchmark', 'calibrate', 'search')),
    state text not null check (state in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    phase text,
    progress double precision not null check (progress >= 0 and progress <= 1),
    model_id uuid not null references models (id),
    revision_id uuid not null references revisions (id),
    data_set_id uuid,
    recipe text,
    spec text,
    followers text not null,
    priority bigint not null,
    result text,
    report text,
    error text,
    attempts bigint not null check (attempts >= 0),
    failures bigint not null check (failures >= 0),
    losses bigint not null check (losses >= 0),
    cancel_requested boolean not null,
    event_seq bigint not null,
    run_after bigint not null,
    queued_at bigint not null,
    created_at bigint not null,
    started_at bigint,
    finished_at bigint,
    check ((state in ('succeeded', 'failed', 'cancelled')) = (finished_at is not null)),
    check ((state = 'succeeded') = (result is not null)),
    check ((state = 'failed') = (error is not null)),
    check (phase is null or state = 'running'),
    check (state not in ('running', 'succeeded') or (started_at is not null and attempts > 0)),
    check (not (cancel_requested and state = 'queued'))
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
create index jobs_queued on jobs (priority desc, run_after, id) where state = 'queued';
create index jobs_project on jobs (project_id, id);
create index jobs_revision on jobs (revision_id);
create index jobs_model on jobs (model_id);

create table attempts (
    id uuid not null primary key,
    job_id uuid not null references jobs (id),
    fence bigint not null check (fence > 0),
    worker_id uuid not null,
    state text not null check (state in ('leased', 'succeeded', 'failed', 'cancelled', 'lost')),
    phase text,
    progress double precision not null check (progress >= 0 and progress <= 1),
    lease_expires_at bigint not null,
    heartbeat_at bigint not null,
    error text,
    started_at bigint not null,
    ended_at bigint,
    unique (job_id, fence),
    check ((state = 'leased') = (ended_at is null)),
    check (state <> 'failed' or error is not null)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
create unique index attempts_one_lease on attempts (job_id) where state = 'leased';
create index attempts_lease on attempts (lease_expires_at) where state = 'leased';

-- What happened to a job, in order; refused stale writes too. `seq` comes from the job's row in the same transaction.
create table job_events (
    job_id uuid not null references jobs (id),
    seq bigint not null,
    kind text not null,
    data text not null,
    created_at bigint not null,
    primary key (job_id, seq)
);

create table measurements (
    id uuid not null primary key,
    project_id uuid not null references projects (id),
    model_id uuid not null references models (id),
    revision_id uuid not null references revisions (id),
    job_id uuid references jobs (id),
    attempt_id uuid references attempts (id),
    metric text not null,
    value double precision not null,
    unit text not null,
    data_set_id uuid,
    device text,
    compute_unit text,
    function text,
    created_at bigint not null
);
create index measurements_revision on measurements (revision_id, metric, id);
create index measurements_model on measurements (model_id, metric, id);

create table tokens (
    id uuid not null primary key,
    hash bytea not null unique,
    name text not null,
    scope text not null check (scope in ('reader', 'writer', 'admin')),
    project_id uuid references projects (id),
    created_at bigint not null,
    last_used_at bigint,
    revoked_at bigint
);

-- `status` and `answer` are null while the first request runs; one that is still so when `locked_until` has passed was
-- cut short, and the next request with the key takes over.
create table idempotency_keys (
    principal text not null,
    route text not null,
    key text not null,
    body_sha256 bytea not null,
    status bigint,
    answer text,
    locked_until bigint not null,
    created_at bigint not null,
    primary key (principal, route, key),
    check ((status is null) = (answer is null))
);
create index idempotency_keys_age on idempotency_keys (created_at);
