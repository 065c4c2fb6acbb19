-- The trace that a job was submitted in (W3C `traceparent`), so that the worker's trace can be linked to it.
alter table jobs add column traceparent text;
