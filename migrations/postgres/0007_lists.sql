-- Lists that walked over many rows to find few: jobs of a kind within a project, and measurements of a compute unit.
create index jobs_project_kind on jobs (project_id, kind, id);
create index measurements_compute_unit on measurements (compute_unit, id) where compute_unit is not null;
