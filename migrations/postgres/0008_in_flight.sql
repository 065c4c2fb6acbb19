-- How many jobs are still to follow a job: they count against what a project may have in flight before they are rows.
alter table jobs add column pending_jobs bigint not null default 0;
create index jobs_pending on jobs (project_id, pending_jobs) where pending_jobs > 0 and finished_at is null;
