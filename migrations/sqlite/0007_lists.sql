-- Lists that walked over many rows to find few: jobs of a kind within a project or in a state, and measurements of a compute unit.
create index jobs_project_kind on jobs (project_id, kind, id);
create index jobs_kind_state on jobs (kind, state, id);
create index measurements_compute_unit on measurements (compute_unit, id) where compute_unit is not null;
