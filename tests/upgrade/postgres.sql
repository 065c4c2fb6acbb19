--
-- PostgreSQL database dump
--


-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: _sqlx_migrations; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public._sqlx_migrations (
    version bigint NOT NULL,
    description text NOT NULL,
    installed_on timestamp with time zone DEFAULT now() NOT NULL,
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL
);


--
-- Name: aliases; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.aliases (
    model_id uuid NOT NULL,
    name text NOT NULL,
    revision_id uuid NOT NULL,
    updated_at bigint NOT NULL
);


--
-- Name: attempts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.attempts (
    id uuid NOT NULL,
    job_id uuid NOT NULL,
    fence bigint NOT NULL,
    worker_id uuid NOT NULL,
    state text NOT NULL,
    phase text,
    progress double precision NOT NULL,
    lease_expires_at bigint NOT NULL,
    heartbeat_at bigint NOT NULL,
    error text,
    started_at bigint NOT NULL,
    ended_at bigint,
    CONSTRAINT attempts_check CHECK (((state = 'leased'::text) = (ended_at IS NULL))),
    CONSTRAINT attempts_check1 CHECK (((state <> 'failed'::text) OR (error IS NOT NULL))),
    CONSTRAINT attempts_fence_check CHECK ((fence > 0)),
    CONSTRAINT attempts_progress_check CHECK (((progress >= (0)::double precision) AND (progress <= (1)::double precision))),
    CONSTRAINT attempts_state_check CHECK ((state = ANY (ARRAY['leased'::text, 'succeeded'::text, 'failed'::text, 'cancelled'::text, 'lost'::text])))
)
WITH (fillfactor='70', autovacuum_vacuum_scale_factor='0.02');


--
-- Name: idempotency_keys; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.idempotency_keys (
    principal text NOT NULL,
    route text NOT NULL,
    key text NOT NULL,
    body_sha256 bytea NOT NULL,
    status bigint,
    answer text,
    locked_until bigint NOT NULL,
    created_at bigint NOT NULL,
    CONSTRAINT idempotency_keys_check CHECK (((status IS NULL) = (answer IS NULL)))
);


--
-- Name: job_events; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.job_events (
    job_id uuid NOT NULL,
    seq bigint NOT NULL,
    kind text NOT NULL,
    data text NOT NULL,
    created_at bigint NOT NULL
);


--
-- Name: jobs; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.jobs (
    id uuid NOT NULL,
    project_id uuid NOT NULL,
    kind text NOT NULL,
    state text NOT NULL,
    phase text,
    progress double precision NOT NULL,
    model_id uuid NOT NULL,
    revision_id uuid NOT NULL,
    data_set_id uuid,
    recipe text,
    spec text,
    followers text NOT NULL,
    priority bigint NOT NULL,
    result text,
    report text,
    error text,
    attempts bigint NOT NULL,
    failures bigint NOT NULL,
    losses bigint NOT NULL,
    cancel_requested boolean NOT NULL,
    event_seq bigint NOT NULL,
    run_after bigint NOT NULL,
    queued_at bigint NOT NULL,
    created_at bigint NOT NULL,
    started_at bigint,
    finished_at bigint,
    CONSTRAINT jobs_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT jobs_check CHECK (((state = ANY (ARRAY['succeeded'::text, 'failed'::text, 'cancelled'::text])) = (finished_at IS NOT NULL))),
    CONSTRAINT jobs_check1 CHECK (((state = 'succeeded'::text) = (result IS NOT NULL))),
    CONSTRAINT jobs_check2 CHECK (((state = 'failed'::text) = (error IS NOT NULL))),
    CONSTRAINT jobs_check3 CHECK (((phase IS NULL) OR (state = 'running'::text))),
    CONSTRAINT jobs_check4 CHECK (((state <> ALL (ARRAY['running'::text, 'succeeded'::text])) OR ((started_at IS NOT NULL) AND (attempts > 0)))),
    CONSTRAINT jobs_check5 CHECK ((NOT (cancel_requested AND (state = 'queued'::text)))),
    CONSTRAINT jobs_failures_check CHECK ((failures >= 0)),
    CONSTRAINT jobs_kind_check CHECK ((kind = ANY (ARRAY['compress'::text, 'evaluate'::text, 'benchmark'::text, 'calibrate'::text, 'search'::text]))),
    CONSTRAINT jobs_losses_check CHECK ((losses >= 0)),
    CONSTRAINT jobs_progress_check CHECK (((progress >= (0)::double precision) AND (progress <= (1)::double precision))),
    CONSTRAINT jobs_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'succeeded'::text, 'failed'::text, 'cancelled'::text])))
)
WITH (fillfactor='70', autovacuum_vacuum_scale_factor='0.02');


--
-- Name: measurements; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.measurements (
    id uuid NOT NULL,
    project_id uuid NOT NULL,
    model_id uuid NOT NULL,
    revision_id uuid NOT NULL,
    job_id uuid,
    attempt_id uuid,
    metric text NOT NULL,
    value double precision NOT NULL,
    unit text NOT NULL,
    data_set_id uuid,
    device text,
    compute_unit text,
    function text,
    created_at bigint NOT NULL
);


--
-- Name: models; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.models (
    id uuid NOT NULL,
    project_id uuid NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    data_set_id uuid,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    deleted_at bigint
);


--
-- Name: objects; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.objects (
    sha256 bytea NOT NULL,
    size_bytes bigint NOT NULL,
    created_at bigint NOT NULL,
    referenced_at bigint NOT NULL,
    CONSTRAINT objects_size_bytes_check CHECK ((size_bytes >= 0))
);


--
-- Name: projects; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.projects (
    id uuid NOT NULL,
    name text NOT NULL,
    created_at bigint NOT NULL
);


--
-- Name: revision_files; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.revision_files (
    revision_id uuid NOT NULL,
    ordinal bigint NOT NULL,
    path text NOT NULL,
    sha256 bytea NOT NULL,
    size_bytes bigint NOT NULL,
    crc32 bigint NOT NULL,
    CONSTRAINT revision_files_crc32_check CHECK (((crc32 >= 0) AND (crc32 <= '4294967295'::bigint))),
    CONSTRAINT revision_files_size_bytes_check CHECK ((size_bytes >= 0))
);


--
-- Name: revision_tags; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.revision_tags (
    revision_id uuid NOT NULL,
    key text NOT NULL,
    value text NOT NULL
);


--
-- Name: revisions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.revisions (
    id uuid NOT NULL,
    project_id uuid NOT NULL,
    model_id uuid NOT NULL,
    digest bytea NOT NULL,
    content_digest bytea NOT NULL,
    kind text NOT NULL,
    package_name text NOT NULL,
    size_bytes bigint NOT NULL,
    parent_id uuid,
    recipe text,
    job_id uuid,
    tags text NOT NULL,
    notes text NOT NULL,
    inspection text NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    deleted_at bigint,
    CONSTRAINT revisions_size_bytes_check CHECK ((size_bytes >= 0))
);


--
-- Name: tokens; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.tokens (
    id uuid NOT NULL,
    hash bytea NOT NULL,
    name text NOT NULL,
    scope text NOT NULL,
    project_id uuid,
    created_at bigint NOT NULL,
    last_used_at bigint,
    revoked_at bigint,
    CONSTRAINT tokens_scope_check CHECK ((scope = ANY (ARRAY['reader'::text, 'writer'::text, 'admin'::text])))
);


--
-- Data for Name: _sqlx_migrations; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public._sqlx_migrations VALUES (1, 'foundation', '2026-11-24 17:57:01.886768+00', true, '\x874ed06aad7a4fd859991d6685fb2081ca3e273b90fbda1f4f0ac817f66b70d9b8643719fd9a832f75ade7c6fbc0f234', 11936172);


--
-- Data for Name: aliases; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.aliases VALUES ('01a20eb4-395c-706e-9f68-0b5383cd38d3', 'prod', '01a20eb4-39ca-77b3-86b5-3b935876cf5d', 1795543022128);
INSERT INTO public.aliases VALUES ('01a20eb4-395c-706e-9f68-0b5383cd38d3', 'candidate', '01a20eb4-3965-75ae-82a1-a5c9945799b0', 1795543022132);


--
-- Data for Name: attempts; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.attempts VALUES ('01a20eb4-39bd-7048-b48b-ec663ee2393b', '01a20eb4-398d-71a7-8a9f-b2b6a2dda851', 1, '01a20eb4-39b4-743d-8eac-5375e0555195', 'succeeded', 'loading', 0, 1795543082016, 1795543022016, NULL, 1795543022005, 1795543022027);
INSERT INTO public.attempts VALUES ('01a20eb4-39d4-77ff-8679-614f778f16d7', '01a20eb4-3992-7736-a15a-60795a0b32cf', 1, '01a20eb4-39b4-743d-8eac-5375e0555195', 'succeeded', 'loading', 0, 1795543082039, 1795543022039, NULL, 1795543022035, 1795543022048);
INSERT INTO public.attempts VALUES ('01a20eb4-39e7-77c5-b4c6-25d9c3f4609e', '01a20eb4-3995-71b2-9ec4-c56a1c6803c3', 1, '01a20eb4-39b4-743d-8eac-5375e0555195', 'succeeded', 'loading', 0, 1795543082057, 1795543022057, NULL, 1795543022055, 1795543022068);
INSERT INTO public.attempts VALUES ('01a20eb4-39fa-7348-be07-1638191bae66', '01a20eb4-399e-774c-b4d8-252a706fa1fe', 1, '01a20eb4-39b4-743d-8eac-5375e0555195', 'failed', 'loading', 0, 1795543082075, 1795543022075, '{"code":"unsupported","message":"model: glmClassifier: weights of this model type cannot be compressed by this version","fault":"user","retryable":false}', 1795543022073, 1795543022078);
INSERT INTO public.attempts VALUES ('01a20eb4-3a55-729c-9a81-36f4353483a8', '01a20eb4-3a40-76af-90f6-4f7cabbb11f3', 1, '01a20eb4-3a50-7538-a1ba-0def8d69fa2a', 'leased', NULL, 0, 1795543082161, 1795543022161, NULL, 1795543022161, NULL);


--
-- Data for Name: idempotency_keys; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.idempotency_keys VALUES ('01a20eb4-394f-73ea-ae53-51d1b0a78a6e', 'POST /jobs', 'upgrade-1', '\xb1455335fc4a46bd13fbaed442c36298dc7b5f0720863c8db5dbcd3ecdb0922e', 202, '{"id":"01a20eb4-398d-71a7-8a9f-b2b6a2dda851","kind":"compress","state":"queued","phase":null,"progress":0.0,"model":"gestures","model_id":"01a20eb4-395c-706e-9f68-0b5383cd38d3","revision_id":"01a20eb4-3965-75ae-82a1-a5c9945799b0","recipe":{"name":"int8","digest":"sha256:a71074819e3a27067b1ac1f23d2dbc53e3f166783e6735f583ae30a8d8e040c4","config":{"description":"8-bit integers, symmetric, one scale per output channel","name":"int8","options":{"compat":"mended"},"steps":[{"config_type":"OpLinearQuantizerConfig","global_config":{"block_size":32,"config_type":"OpLinearQuantizerConfig","dtype":"int8","granularity":"per_channel","mode":"linear_symmetric","weight_threshold":2048},"op_name_configs":{},"op_type_configs":{}}]}},"data_set_id":null,"priority":0,"result":null,"error":null,"attempts":0,"cancel_requested":false,"created_at":"2026-11-24T17:57:01.966Z","started_at":null,"finished_at":null}', 1795546621966, 1795543021966);


--
-- Data for Name: job_events; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.job_events VALUES ('01a20eb4-398d-71a7-8a9f-b2b6a2dda851', 1, 'queued', '{}', 1795543021966);
INSERT INTO public.job_events VALUES ('01a20eb4-3992-7736-a15a-60795a0b32cf', 1, 'queued', '{}', 1795543021971);
INSERT INTO public.job_events VALUES ('01a20eb4-3995-71b2-9ec4-c56a1c6803c3', 1, 'queued', '{}', 1795543021973);
INSERT INTO public.job_events VALUES ('01a20eb4-399e-774c-b4d8-252a706fa1fe', 1, 'queued', '{}', 1795543021983);
INSERT INTO public.job_events VALUES ('01a20eb4-39a2-732a-acc8-dc8e3c1ccf2a', 1, 'queued', '{}', 1795543021987);
INSERT INTO public.job_events VALUES ('01a20eb4-39a2-732a-acc8-dc8e3c1ccf2a', 2, 'cancelled', '{"attempt":null,"attempt_state":null,"error":null,"run_after":null}', 1795543021989);
INSERT INTO public.job_events VALUES ('01a20eb4-398d-71a7-8a9f-b2b6a2dda851', 2, 'running', '{"attempt":1,"attempt_state":null,"error":null,"run_after":null}', 1795543022005);
INSERT INTO public.job_events VALUES ('01a20eb4-398d-71a7-8a9f-b2b6a2dda851', 3, 'phase', '{"attempt":1,"phase":"loading"}', 1795543022016);
INSERT INTO public.job_events VALUES ('01a20eb4-398d-71a7-8a9f-b2b6a2dda851', 4, 'succeeded', '{"attempt":1,"attempt_state":"succeeded","error":null,"run_after":null}', 1795543022027);
INSERT INTO public.job_events VALUES ('01a20eb4-3992-7736-a15a-60795a0b32cf', 2, 'running', '{"attempt":1,"attempt_state":null,"error":null,"run_after":null}', 1795543022035);
INSERT INTO public.job_events VALUES ('01a20eb4-3992-7736-a15a-60795a0b32cf', 3, 'phase', '{"attempt":1,"phase":"loading"}', 1795543022039);
INSERT INTO public.job_events VALUES ('01a20eb4-3992-7736-a15a-60795a0b32cf', 4, 'succeeded', '{"attempt":1,"attempt_state":"succeeded","error":null,"run_after":null}', 1795543022048);
INSERT INTO public.job_events VALUES ('01a20eb4-3995-71b2-9ec4-c56a1c6803c3', 2, 'running', '{"attempt":1,"attempt_state":null,"error":null,"run_after":null}', 1795543022055);
INSERT INTO public.job_events VALUES ('01a20eb4-3995-71b2-9ec4-c56a1c6803c3', 3, 'phase', '{"attempt":1,"phase":"loading"}', 1795543022057);
INSERT INTO public.job_events VALUES ('01a20eb4-3995-71b2-9ec4-c56a1c6803c3', 4, 'succeeded', '{"attempt":1,"attempt_state":"succeeded","error":null,"run_after":null}', 1795543022068);
INSERT INTO public.job_events VALUES ('01a20eb4-399e-774c-b4d8-252a706fa1fe', 2, 'running', '{"attempt":1,"attempt_state":null,"error":null,"run_after":null}', 1795543022073);
INSERT INTO public.job_events VALUES ('01a20eb4-399e-774c-b4d8-252a706fa1fe', 3, 'phase', '{"attempt":1,"phase":"loading"}', 1795543022075);
INSERT INTO public.job_events VALUES ('01a20eb4-399e-774c-b4d8-252a706fa1fe', 4, 'failed', '{"attempt":1,"attempt_state":"failed","error":{"code":"unsupported","fault":"user","message":"model: glmClassifier: weights of this model type cannot be compressed by this version","retryable":false},"run_after":null}', 1795543022078);
INSERT INTO public.job_events VALUES ('01a20eb4-3a40-76af-90f6-4f7cabbb11f3', 1, 'queued', '{}', 1795543022145);
INSERT INTO public.job_events VALUES ('01a20eb4-3a40-76af-90f6-4f7cabbb11f3', 2, 'running', '{"attempt":1,"attempt_state":null,"error":null,"run_after":null}', 1795543022161);
INSERT INTO public.job_events VALUES ('01a20eb4-3a62-7075-bd23-25cdddee5c0b', 1, 'queued', '{}', 1795543022179);
INSERT INTO public.job_events VALUES ('01a20eb4-3a66-7782-966c-a203ee98451d', 1, 'queued', '{}', 1795543022183);


--
-- Data for Name: jobs; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.jobs VALUES ('01a20eb4-3992-7736-a15a-60795a0b32cf', '01a20eb4-394b-73f1-b5f7-ea43d8427d56', 'compress', 'succeeded', NULL, 1, '01a20eb4-396c-7536-bc40-c62c5ca88d84', '01a20eb4-3972-7792-a100-fe4970ab3d9e', NULL, '{"name":"palettize-4","digest":"sha256:e909d11d041a4b870b656f2d8130d63e4ed8af658c8d7ef855ab439cabd7cc7e","config":{"description":"4-bit look-up table by k-means, one table per weight","name":"palettize-4","options":{"compat":"mended"},"steps":[{"config_type":"OpPalettizerConfig","global_config":{"channel_axis":null,"cluster_dim":1,"config_type":"OpPalettizerConfig","enable_per_channel_scale":false,"granularity":"per_tensor","group_size":32,"mode":"kmeans","nbits":4,"num_kmeans_workers":1,"weight_threshold":2048},"op_name_configs":{},"op_type_configs":{}}]}}', NULL, '[]', 0, '{"revision_id":"01a20eb4-39df-7427-b203-cd9d01dec57f","size_bytes_before":53724,"size_bytes_after":18010,"weights":{"compressed":1,"left":1,"already_compressed":0},"report":null}', '{"recipe":{"name":"palettize-4","digest":"sha256:e909d11d041a4b870b656f2d8130d63e4ed8af658c8d7ef855ab439cabd7cc7e","config":{"description":"4-bit look-up table by k-means, one table per weight","name":"palettize-4","options":{"compat":"mended"},"steps":[{"config_type":"OpPalettizerConfig","global_config":{"channel_axis":null,"cluster_dim":1,"config_type":"OpPalettizerConfig","enable_per_channel_scale":false,"granularity":"per_tensor","group_size":32,"mode":"kmeans","nbits":4,"num_kmeans_workers":1,"weight_threshold":2048},"op_name_configs":{},"op_type_configs":{}}]}},"size_bytes_before":53724,"size_bytes_after":18010,"deployment_target":{"before":"iOS17","after":"iOS17"},"weights":{"compressed":1,"left":1,"already_compressed":0},"rows":[{"function":"main","name":"gather_0_x_0_to_fp16","users":["gather_0_cast_fp16_cast_uint16_cast_uint16","logits_cast_fp16"],"shape":[500,48],"old":"float16","new":"4-bit palette","bytes_before":48000,"bytes_after":12040,"snr_db":20.29046068370591,"max_abs":0.48046875,"left_because":null},{"function":"main","name":"logits_bias_0_to_fp16","users":["logits_cast_fp16"],"shape":[500],"old":"float16","new":"float16","bytes_before":1000,"bytes_after":1000,"snr_db":null,"max_abs":null,"left_because":"rank 1"}],"unmatched_overrides":[],"warnings":[]}', NULL, 1, 0, 0, false, 4, 1795543021971, 1795543021971, 1795543021971, 1795543022035, 1795543022048);
INSERT INTO public.jobs VALUES ('01a20eb4-398d-71a7-8a9f-b2b6a2dda851', '01a20eb4-394b-73f1-b5f7-ea43d8427d56', 'compress', 'succeeded', NULL, 1, '01a20eb4-395c-706e-9f68-0b5383cd38d3', '01a20eb4-3965-75ae-82a1-a5c9945799b0', NULL, '{"name":"int8","digest":"sha256:a71074819e3a27067b1ac1f23d2dbc53e3f166783e6735f583ae30a8d8e040c4","config":{"description":"8-bit integers, symmetric, one scale per output channel","name":"int8","options":{"compat":"mended"},"steps":[{"config_type":"OpLinearQuantizerConfig","global_config":{"block_size":32,"config_type":"OpLinearQuantizerConfig","dtype":"int8","granularity":"per_channel","mode":"linear_symmetric","weight_threshold":2048},"op_name_configs":{},"op_type_configs":{}}]}}', NULL, '[]', 0, '{"revision_id":"01a20eb4-39ca-77b3-86b5-3b935876cf5d","size_bytes_before":109861,"size_bytes_after":35121,"weights":{"compressed":2,"left":5,"already_compressed":0},"report":null}', '{"recipe":{"name":"int8","digest":"sha256:a71074819e3a27067b1ac1f23d2dbc53e3f166783e6735f583ae30a8d8e040c4","config":{"description":"8-bit integers, symmetric, one scale per output channel","name":"int8","options":{"compat":"mended"},"steps":[{"config_type":"OpLinearQuantizerConfig","global_config":{"block_size":32,"config_type":"OpLinearQuantizerConfig","dtype":"int8","granularity":"per_channel","mode":"linear_symmetric","weight_threshold":2048},"op_name_configs":{},"op_type_configs":{}}]}},"size_bytes_before":109861,"size_bytes_after":35121,"deployment_target":{"before":"iOS15","after":"iOS16"},"weights":{"compressed":2,"left":5,"already_compressed":0},"rows":[{"function":"main","name":"layer_norm_0_gamma_0","users":["layer_norm_0"],"shape":[64],"old":"float32","new":"float32","bytes_before":256,"bytes_after":256,"snr_db":null,"max_abs":null,"left_because":"rank 1"},{"function":"main","name":"layer_norm_0_beta_0","users":["layer_norm_0"],"shape":[64],"old":"float32","new":"float32","bytes_before":256,"bytes_after":256,"snr_db":null,"max_abs":null,"left_because":"rank 1"},{"function":"main","name":"linear_0_weight_0","users":["linear_0"],"shape":[200,64],"old":"float32","new":"int8 per_channel","bytes_before":51200,"bytes_after":13804,"snr_db":44.58382707135446,"max_abs":0.0030700266361236572,"left_because":null},{"function":"main","name":"linear_0_bias_0","users":["linear_0"],"shape":[200],"old":"float32","new":"float32","bytes_before":800,"bytes_after":800,"snr_db":null,"max_abs":null,"left_because":"rank 1"},{"function":"main","name":"linear_1_weight_0","users":["linear_1"],"shape":[64,200],"old":"float32","new":"int8 per_channel","bytes_before":51200,"bytes_after":13124,"snr_db":43.438943965965464,"max_abs":0.0030877552926540375,"left_because":null},{"function":"main","name":"linear_1_bias_0","users":["linear_1"],"shape":[64],"old":"float32","new":"float32","bytes_before":256,"bytes_after":256,"snr_db":null,"max_abs":null,"left_because":"rank 1"},{"function":"main","name":"prelu_0_alpha_0","users":["prelu_0"],"shape":[64],"old":"float32","new":"float32","bytes_before":256,"bytes_after":256,"snr_db":null,"max_abs":null,"left_because":"rank 1"}],"unmatched_overrides":[],"warnings":["the program was raised from CoreML5 to CoreML6: iOS15 is no longer supported"]}', NULL, 1, 0, 0, false, 4, 1795543021966, 1795543021966, 1795543021966, 1795543022005, 1795543022027);
INSERT INTO public.jobs VALUES ('01a20eb4-3995-71b2-9ec4-c56a1c6803c3', '01a20eb4-394b-73f1-b5f7-ea43d8427d56', 'compress', 'succeeded', NULL, 1, '01a20eb4-395c-706e-9f68-0b5383cd38d3', '01a20eb4-3965-75ae-82a1-a5c9945799b0', NULL, '{"name":"palettize-2","digest":"sha256:dcb7e9269a26b49fc12c4d4ac1788b9f3a92788edaf078e254ddb0d2836be100","config":{"description":"2-bit look-up table by k-means, one table per weight","name":"palettize-2","options":{"compat":"mended"},"steps":[{"config_type":"OpPalettizerConfig","global_config":{"channel_axis":null,"cluster_dim":1,"config_type":"OpPalettizerConfig","enable_per_channel_scale":false,"granularity":"per_tensor","group_size":32,"mode":"kmeans","nbits":2,"num_kmeans_workers":1,"weight_threshold":2048},"op_name_configs":{},"op_type_configs":{}}]}}', NULL, '[]', 0, '{"revision_id":"01a20eb4-39f3-73a5-b360-3a491f3ae342","size_bytes_before":109861,"size_bytes_after":14085,"weights":{"compressed":2,"left":5,"already_compressed":0},"report":null}', '{"recipe":{"name":"palettize-2","digest":"sha256:dcb7e9269a26b49fc12c4d4ac1788b9f3a92788edaf078e254ddb0d2836be100","config":{"description":"2-bit look-up table by k-means, one table per weight","name":"palettize-2","options":{"compat":"mended"},"steps":[{"config_type":"OpPalettizerConfig","global_config":{"channel_axis":null,"cluster_dim":1,"config_type":"OpPalettizerConfig","enable_per_channel_scale":false,"granularity":"per_tensor","group_size":32,"mode":"kmeans","nbits":2,"num_kmeans_workers":1,"weight_threshold":2048},"op_name_configs":{},"op_type_configs":{}}]}},"size_bytes_before":109861,"size_bytes_after":14085,"deployment_target":{"before":"iOS15","after":"iOS16"},"weights":{"compressed":2,"left":5,"already_compressed":0},"rows":[{"function":"main","name":"layer_norm_0_gamma_0","users":["layer_norm_0"],"shape":[64],"old":"float32","new":"float32","bytes_before":256,"bytes_after":256,"snr_db":null,"max_abs":null,"left_because":"rank 1"},{"function":"main","name":"layer_norm_0_beta_0","users":["layer_norm_0"],"shape":[64],"old":"float32","new":"float32","bytes_before":256,"bytes_after":256,"snr_db":null,"max_abs":null,"left_because":"rank 1"},{"function":"main","name":"linear_0_weight_0","users":["linear_0"],"shape":[200,64],"old":"float32","new":"2-bit palette","bytes_before":51200,"bytes_after":3224,"snr_db":9.38449484571574,"max_abs":0.4761720597743988,"left_because":null},{"function":"main","name":"linear_0_bias_0","users":["linear_0"],"shape":[200],"old":"float32","new":"float32","bytes_before":800,"bytes_after":800,"snr_db":null,"max_abs":null,"left_because":"rank 1"},{"function":"main","name":"linear_1_weight_0","users":["linear_1"],"shape":[64,200],"old":"float32","new":"2-bit palette","bytes_before":51200,"bytes_after":3224,"snr_db":9.252121012695808,"max_abs":0.48340916633605957,"left_because":null},{"function":"main","name":"linear_1_bias_0","users":["linear_1"],"shape":[64],"old":"float32","new":"float32","bytes_before":256,"bytes_after":256,"snr_db":null,"max_abs":null,"left_because":"rank 1"},{"function":"main","name":"prelu_0_alpha_0","users":["prelu_0"],"shape":[64],"old":"float32","new":"float32","bytes_before":256,"bytes_after":256,"snr_db":null,"max_abs":null,"left_because":"rank 1"}],"unmatched_overrides":[],"warnings":["the program was raised from CoreML5 to CoreML6: iOS15 is no longer supported"]}', NULL, 1, 0, 0, false, 4, 1795543021973, 1795543021973, 1795543021973, 1795543022055, 1795543022068);
INSERT INTO public.jobs VALUES ('01a20eb4-399e-774c-b4d8-252a706fa1fe', '01a20eb4-394b-73f1-b5f7-ea43d8427d56', 'compress', 'failed', NULL, 0, '01a20eb4-3998-71ad-9f1d-319b8700370b', '01a20eb4-399b-741d-b578-4c7c88127fe4', NULL, '{"name":"int8","digest":"sha256:a71074819e3a27067b1ac1f23d2dbc53e3f166783e6735f583ae30a8d8e040c4","config":{"description":"8-bit integers, symmetric, one scale per output channel","name":"int8","options":{"compat":"mended"},"steps":[{"config_type":"OpLinearQuantizerConfig","global_config":{"block_size":32,"config_type":"OpLinearQuantizerConfig","dtype":"int8","granularity":"per_channel","mode":"linear_symmetric","weight_threshold":2048},"op_name_configs":{},"op_type_configs":{}}]}}', NULL, '[]', 0, NULL, NULL, '{"code":"unsupported","message":"model: glmClassifier: weights of this model type cannot be compressed by this version","fault":"user","retryable":false}', 1, 0, 0, false, 4, 1795543021983, 1795543021983, 1795543021983, 1795543022073, 1795543022078);
INSERT INTO public.jobs VALUES ('01a20eb4-39a2-732a-acc8-dc8e3c1ccf2a', '01a20eb4-394b-73f1-b5f7-ea43d8427d56', 'compress', 'cancelled', NULL, 0, '01a20eb4-3978-7253-9a7a-cb5ad353374e', '01a20eb4-397e-70b6-93e7-8fa0d31c0e3d', NULL, '{"name":"int8","digest":"sha256:a71074819e3a27067b1ac1f23d2dbc53e3f166783e6735f583ae30a8d8e040c4","config":{"description":"8-bit integers, symmetric, one scale per output channel","name":"int8","options":{"compat":"mended"},"steps":[{"config_type":"OpLinearQuantizerConfig","global_config":{"block_size":32,"config_type":"OpLinearQuantizerConfig","dtype":"int8","granularity":"per_channel","mode":"linear_symmetric","weight_threshold":2048},"op_name_configs":{},"op_type_configs":{}}]}}', NULL, '[]', 0, NULL, NULL, NULL, 0, 0, 0, true, 2, 1795543021987, 1795543021987, 1795543021987, NULL, 1795543021989);
INSERT INTO public.jobs VALUES ('01a20eb4-3a40-76af-90f6-4f7cabbb11f3', '01a20eb4-394b-73f1-b5f7-ea43d8427d56', 'compress', 'running', NULL, 0, '01a20eb4-396c-7536-bc40-c62c5ca88d84', '01a20eb4-3972-7792-a100-fe4970ab3d9e', NULL, '{"name":"custom","digest":"sha256:6067bd7618f8ae847cb81fff7c399b87ecf9f16464b870b7dea288b6af905e19","config":{"description":"","name":"custom","options":{"compat":"mended"},"steps":[{"config_type":"OpPalettizerConfig","global_config":{"channel_axis":null,"cluster_dim":1,"config_type":"OpPalettizerConfig","enable_per_channel_scale":false,"granularity":"per_tensor","group_size":32,"mode":"kmeans","nbits":6,"num_kmeans_workers":1,"weight_threshold":2048},"op_name_configs":{},"op_type_configs":{}}]}}', NULL, '[]', 0, NULL, NULL, NULL, 1, 0, 0, false, 2, 1795543022145, 1795543022145, 1795543022145, 1795543022161, NULL);
INSERT INTO public.jobs VALUES ('01a20eb4-3a62-7075-bd23-25cdddee5c0b', '01a20eb4-394b-73f1-b5f7-ea43d8427d56', 'compress', 'queued', NULL, 0, '01a20eb4-395c-706e-9f68-0b5383cd38d3', '01a20eb4-3965-75ae-82a1-a5c9945799b0', NULL, '{"name":"palettize-1","digest":"sha256:9f233f7501f520c1f2557dd5459575c6544f069e739719d76e6d0a66f1e0c824","config":{"description":"1-bit look-up table by k-means, one table per weight","name":"palettize-1","options":{"compat":"mended"},"steps":[{"config_type":"OpPalettizerConfig","global_config":{"channel_axis":null,"cluster_dim":1,"config_type":"OpPalettizerConfig","enable_per_channel_scale":false,"granularity":"per_tensor","group_size":32,"mode":"kmeans","nbits":1,"num_kmeans_workers":1,"weight_threshold":2048},"op_name_configs":{},"op_type_configs":{}}]}}', NULL, '[]', 0, NULL, NULL, NULL, 0, 0, 0, false, 1, 1795543022179, 1795543022179, 1795543022179, NULL, NULL);
INSERT INTO public.jobs VALUES ('01a20eb4-3a66-7782-966c-a203ee98451d', '01a20eb4-394b-73f1-b5f7-ea43d8427d56', 'compress', 'queued', NULL, 0, '01a20eb4-3978-7253-9a7a-cb5ad353374e', '01a20eb4-397e-70b6-93e7-8fa0d31c0e3d', NULL, '{"name":"decompress","digest":"sha256:d94ff7662ea2cc1a2173a140798bcf58f3e78f48c179c09d8e43d9137413b637","config":{"decompress":true,"description":"every compressed weight dense again","name":"decompress"}}', NULL, '[]', 0, NULL, NULL, NULL, 0, 0, 0, false, 1, 1795543022183, 1795543022183, 1795543022183, NULL, NULL);


--
-- Data for Name: measurements; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.measurements VALUES ('01a20eb4-39d0-72f7-897c-60515a437c7b', '01a20eb4-394b-73f1-b5f7-ea43d8427d56', '01a20eb4-395c-706e-9f68-0b5383cd38d3', '01a20eb4-39ca-77b3-86b5-3b935876cf5d', '01a20eb4-398d-71a7-8a9f-b2b6a2dda851', '01a20eb4-39bd-7048-b48b-ec663ee2393b', 'size_bytes', 35121, 'bytes', NULL, NULL, NULL, NULL, 1795543022027);
INSERT INTO public.measurements VALUES ('01a20eb4-39d0-72f7-897c-6052e1e7b060', '01a20eb4-394b-73f1-b5f7-ea43d8427d56', '01a20eb4-395c-706e-9f68-0b5383cd38d3', '01a20eb4-39ca-77b3-86b5-3b935876cf5d', '01a20eb4-398d-71a7-8a9f-b2b6a2dda851', '01a20eb4-39bd-7048-b48b-ec663ee2393b', 'size_ratio', 0.3196857847643841, 'ratio', NULL, NULL, NULL, NULL, 1795543022027);
INSERT INTO public.measurements VALUES ('01a20eb4-39d0-72f7-897c-6053ed0ea667', '01a20eb4-394b-73f1-b5f7-ea43d8427d56', '01a20eb4-395c-706e-9f68-0b5383cd38d3', '01a20eb4-39ca-77b3-86b5-3b935876cf5d', '01a20eb4-398d-71a7-8a9f-b2b6a2dda851', '01a20eb4-39bd-7048-b48b-ec663ee2393b', 'weight_snr_db_worst', 43.438943965965464, 'dB', NULL, NULL, NULL, NULL, 1795543022027);
INSERT INTO public.measurements VALUES ('01a20eb4-39d1-73da-90a9-e93a92a7c588', '01a20eb4-394b-73f1-b5f7-ea43d8427d56', '01a20eb4-395c-706e-9f68-0b5383cd38d3', '01a20eb4-39ca-77b3-86b5-3b935876cf5d', '01a20eb4-398d-71a7-8a9f-b2b6a2dda851', '01a20eb4-39bd-7048-b48b-ec663ee2393b', 'weight_snr_db_median', 44.58382707135446, 'dB', NULL, NULL, NULL, NULL, 1795543022027);
INSERT INTO public.measurements VALUES ('01a20eb4-39e4-70ce-adee-8283f7d6934f', '01a20eb4-394b-73f1-b5f7-ea43d8427d56', '01a20eb4-396c-7536-bc40-c62c5ca88d84', '01a20eb4-39df-7427-b203-cd9d01dec57f', '01a20eb4-3992-7736-a15a-60795a0b32cf', '01a20eb4-39d4-77ff-8679-614f778f16d7', 'size_bytes', 18010, 'bytes', NULL, NULL, NULL, NULL, 1795543022048);
INSERT INTO public.measurements VALUES ('01a20eb4-39e4-70ce-adee-828433fce236', '01a20eb4-394b-73f1-b5f7-ea43d8427d56', '01a20eb4-396c-7536-bc40-c62c5ca88d84', '01a20eb4-39df-7427-b203-cd9d01dec57f', '01a20eb4-3992-7736-a15a-60795a0b32cf', '01a20eb4-39d4-77ff-8679-614f778f16d7', 'size_ratio', 0.33523192614101704, 'ratio', NULL, NULL, NULL, NULL, 1795543022048);
INSERT INTO public.measurements VALUES ('01a20eb4-39e4-70ce-adee-828508a305f1', '01a20eb4-394b-73f1-b5f7-ea43d8427d56', '01a20eb4-396c-7536-bc40-c62c5ca88d84', '01a20eb4-39df-7427-b203-cd9d01dec57f', '01a20eb4-3992-7736-a15a-60795a0b32cf', '01a20eb4-39d4-77ff-8679-614f778f16d7', 'weight_snr_db_worst', 20.29046068370591, 'dB', NULL, NULL, NULL, NULL, 1795543022048);
INSERT INTO public.measurements VALUES ('01a20eb4-39e4-70ce-adee-82860fadd78a', '01a20eb4-394b-73f1-b5f7-ea43d8427d56', '01a20eb4-396c-7536-bc40-c62c5ca88d84', '01a20eb4-39df-7427-b203-cd9d01dec57f', '01a20eb4-3992-7736-a15a-60795a0b32cf', '01a20eb4-39d4-77ff-8679-614f778f16d7', 'weight_snr_db_median', 20.29046068370591, 'dB', NULL, NULL, NULL, NULL, 1795543022048);
INSERT INTO public.measurements VALUES ('01a20eb4-39f7-75e5-9aa7-08a9a6deaa25', '01a20eb4-394b-73f1-b5f7-ea43d8427d56', '01a20eb4-395c-706e-9f68-0b5383cd38d3', '01a20eb4-39f3-73a5-b360-3a491f3ae342', '01a20eb4-3995-71b2-9ec4-c56a1c6803c3', '01a20eb4-39e7-77c5-b4c6-25d9c3f4609e', 'size_bytes', 14085, 'bytes', NULL, NULL, NULL, NULL, 1795543022068);
INSERT INTO public.measurements VALUES ('01a20eb4-39f7-75e5-9aa7-08aa95aef70f', '01a20eb4-394b-73f1-b5f7-ea43d8427d56', '01a20eb4-395c-706e-9f68-0b5383cd38d3', '01a20eb4-39f3-73a5-b360-3a491f3ae342', '01a20eb4-3995-71b2-9ec4-c56a1c6803c3', '01a20eb4-39e7-77c5-b4c6-25d9c3f4609e', 'size_ratio', 0.12820746215672532, 'ratio', NULL, NULL, NULL, NULL, 1795543022068);
INSERT INTO public.measurements VALUES ('01a20eb4-39f8-745b-8cf7-8c39e805b860', '01a20eb4-394b-73f1-b5f7-ea43d8427d56', '01a20eb4-395c-706e-9f68-0b5383cd38d3', '01a20eb4-39f3-73a5-b360-3a491f3ae342', '01a20eb4-3995-71b2-9ec4-c56a1c6803c3', '01a20eb4-39e7-77c5-b4c6-25d9c3f4609e', 'weight_snr_db_worst', 9.252121012695808, 'dB', NULL, NULL, NULL, NULL, 1795543022068);
INSERT INTO public.measurements VALUES ('01a20eb4-39f8-745b-8cf7-8c3a517c1110', '01a20eb4-394b-73f1-b5f7-ea43d8427d56', '01a20eb4-395c-706e-9f68-0b5383cd38d3', '01a20eb4-39f3-73a5-b360-3a491f3ae342', '01a20eb4-3995-71b2-9ec4-c56a1c6803c3', '01a20eb4-39e7-77c5-b4c6-25d9c3f4609e', 'weight_snr_db_median', 9.38449484571574, 'dB', NULL, NULL, NULL, NULL, 1795543022068);


--
-- Data for Name: models; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.models VALUES ('01a20eb4-395c-706e-9f68-0b5383cd38d3', '01a20eb4-394b-73f1-b5f7-ea43d8427d56', 'gestures', '', NULL, 1795543021916, 1795543021916, NULL);
INSERT INTO public.models VALUES ('01a20eb4-396c-7536-bc40-c62c5ca88d84', '01a20eb4-394b-73f1-b5f7-ea43d8427d56', 'counter', '', NULL, 1795543021932, 1795543021932, NULL);
INSERT INTO public.models VALUES ('01a20eb4-3978-7253-9a7a-cb5ad353374e', '01a20eb4-394b-73f1-b5f7-ea43d8427d56', 'digits', 'recognises digits: 数字', NULL, 1795543021944, 1795543021955, NULL);
INSERT INTO public.models VALUES ('01a20eb4-3998-71ad-9f1d-319b8700370b', '01a20eb4-394b-73f1-b5f7-ea43d8427d56', 'line', '', NULL, 1795543021976, 1795543021976, NULL);


--
-- Data for Name: objects; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.objects VALUES ('\x64be93dffe6bd8e2368c72edafa706c89c3b5b03cc45dab3ad7f3eeecc0e3fba', 4476, 1795543021925, 1795543021925);
INSERT INTO public.objects VALUES ('\x7a8e5a3ce3148232a66a157f4af5ebcb98f1cf36448f1036c3590e2df52429c9', 104768, 1795543021925, 1795543021925);
INSERT INTO public.objects VALUES ('\x131c767d8b920afcbdd203613a0d768e4cec601e7d392831a4fb5cb1bffc6e79', 3915, 1795543021938, 1795543021938);
INSERT INTO public.objects VALUES ('\x5f1ff42713b8c3fb4713f382bd80a76f077d361d25f42a66fd91e6f3f5b724bd', 49192, 1795543021938, 1795543021938);
INSERT INTO public.objects VALUES ('\x0da85129dea696745b002f5964350547fa3d5119c1c6a49b3d639434333ac316', 617, 1795543021950, 1795543021950);
INSERT INTO public.objects VALUES ('\x243912cff3e373167e428e05032084ab1c61cc1c91efc83c30c1b1fb66d4e86c', 384, 1795543021950, 1795543021950);
INSERT INTO public.objects VALUES ('\x5211cbed62fbdec4614547477d2ce819e50806b3a71e0924068044d7ed12466b', 3751, 1795543021950, 1795543021950);
INSERT INTO public.objects VALUES ('\xf582513c5d5b7bbe80f57e925e3308ba20fd5c14eb341a6efebf9a6d2cfc96a5', 213, 1795543021979, 1795543021979);
INSERT INTO public.objects VALUES ('\x55e86f1adadd84adc6614edfa2d9ac788aa9dc0bb36c7c153f31d81308a3c405', 4872, 1795543022027, 1795543022027);
INSERT INTO public.objects VALUES ('\xfb9a076b3da95b3fe02902ed55e65da0a2ec893297ea20456d50f06ec2b77a2d', 29632, 1795543022027, 1795543022027);
INSERT INTO public.objects VALUES ('\x213106fed6878f14b40056d0607b4105f9a369557d71a87dc50c80cc608bc558', 4041, 1795543022048, 1795543022048);
INSERT INTO public.objects VALUES ('\x2d374738132290c2697dbc07b2a4a8a9112661e72123f1681eb5e6ba88bdcc66', 617, 1795543021938, 1795543022048);
INSERT INTO public.objects VALUES ('\x396b5d73fa7dbe57be49cf0d58b3fe8f1d37fb2f0a374a9fc24e0387f5629bf0', 13352, 1795543022048, 1795543022048);
INSERT INTO public.objects VALUES ('\x0b048fc13d537685209d494d96dab183bfabf48ddace9e4603a4cc35ab986763', 8768, 1795543022068, 1795543022068);
INSERT INTO public.objects VALUES ('\xa81ee968a61c56ab1185cf95be813f13f0397a024c02535862a1c98034e6fe2d', 4700, 1795543022068, 1795543022068);
INSERT INTO public.objects VALUES ('\xe7b9de4c521a4cc8703102d86362528f848df5681a763566e18dd5efbcb0e16b', 617, 1795543021925, 1795543022068);


--
-- Data for Name: projects; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.projects VALUES ('01a20eb4-394b-73f1-b5f7-ea43d8427d56', 'default', 1795543021899);


--
-- Data for Name: revision_files; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.revision_files VALUES ('01a20eb4-3965-75ae-82a1-a5c9945799b0', 0, 'Data/com.apple.CoreML/model.mlmodel', '\x64be93dffe6bd8e2368c72edafa706c89c3b5b03cc45dab3ad7f3eeecc0e3fba', 4476, 3981426484);
INSERT INTO public.revision_files VALUES ('01a20eb4-3965-75ae-82a1-a5c9945799b0', 1, 'Data/com.apple.CoreML/weights/weight.bin', '\x7a8e5a3ce3148232a66a157f4af5ebcb98f1cf36448f1036c3590e2df52429c9', 104768, 4133178267);
INSERT INTO public.revision_files VALUES ('01a20eb4-3965-75ae-82a1-a5c9945799b0', 2, 'Manifest.json', '\xe7b9de4c521a4cc8703102d86362528f848df5681a763566e18dd5efbcb0e16b', 617, 1800025543);
INSERT INTO public.revision_files VALUES ('01a20eb4-3972-7792-a100-fe4970ab3d9e', 0, 'Data/com.apple.CoreML/model.mlmodel', '\x131c767d8b920afcbdd203613a0d768e4cec601e7d392831a4fb5cb1bffc6e79', 3915, 3876809339);
INSERT INTO public.revision_files VALUES ('01a20eb4-3972-7792-a100-fe4970ab3d9e', 1, 'Data/com.apple.CoreML/weights/weight.bin', '\x5f1ff42713b8c3fb4713f382bd80a76f077d361d25f42a66fd91e6f3f5b724bd', 49192, 559638099);
INSERT INTO public.revision_files VALUES ('01a20eb4-3972-7792-a100-fe4970ab3d9e', 2, 'Manifest.json', '\x2d374738132290c2697dbc07b2a4a8a9112661e72123f1681eb5e6ba88bdcc66', 617, 1239098031);
INSERT INTO public.revision_files VALUES ('01a20eb4-397e-70b6-93e7-8fa0d31c0e3d', 0, 'Data/com.apple.CoreML/model.mlmodel', '\x5211cbed62fbdec4614547477d2ce819e50806b3a71e0924068044d7ed12466b', 3751, 3107870303);
INSERT INTO public.revision_files VALUES ('01a20eb4-397e-70b6-93e7-8fa0d31c0e3d', 1, 'Data/com.apple.CoreML/weights/weight.bin', '\x243912cff3e373167e428e05032084ab1c61cc1c91efc83c30c1b1fb66d4e86c', 384, 3440333722);
INSERT INTO public.revision_files VALUES ('01a20eb4-397e-70b6-93e7-8fa0d31c0e3d', 2, 'Manifest.json', '\x0da85129dea696745b002f5964350547fa3d5119c1c6a49b3d639434333ac316', 617, 4229879130);
INSERT INTO public.revision_files VALUES ('01a20eb4-399b-741d-b578-4c7c88127fe4', 0, 'model.mlmodel', '\xf582513c5d5b7bbe80f57e925e3308ba20fd5c14eb341a6efebf9a6d2cfc96a5', 213, 3024403163);
INSERT INTO public.revision_files VALUES ('01a20eb4-39ca-77b3-86b5-3b935876cf5d', 0, 'Data/com.apple.CoreML/model.mlmodel', '\x55e86f1adadd84adc6614edfa2d9ac788aa9dc0bb36c7c153f31d81308a3c405', 4872, 2277630762);
INSERT INTO public.revision_files VALUES ('01a20eb4-39ca-77b3-86b5-3b935876cf5d', 1, 'Data/com.apple.CoreML/weights/weight.bin', '\xfb9a076b3da95b3fe02902ed55e65da0a2ec893297ea20456d50f06ec2b77a2d', 29632, 84130832);
INSERT INTO public.revision_files VALUES ('01a20eb4-39ca-77b3-86b5-3b935876cf5d', 2, 'Manifest.json', '\xe7b9de4c521a4cc8703102d86362528f848df5681a763566e18dd5efbcb0e16b', 617, 1800025543);
INSERT INTO public.revision_files VALUES ('01a20eb4-39df-7427-b203-cd9d01dec57f', 0, 'Data/com.apple.CoreML/model.mlmodel', '\x213106fed6878f14b40056d0607b4105f9a369557d71a87dc50c80cc608bc558', 4041, 3997250190);
INSERT INTO public.revision_files VALUES ('01a20eb4-39df-7427-b203-cd9d01dec57f', 1, 'Data/com.apple.CoreML/weights/weight.bin', '\x396b5d73fa7dbe57be49cf0d58b3fe8f1d37fb2f0a374a9fc24e0387f5629bf0', 13352, 2438283479);
INSERT INTO public.revision_files VALUES ('01a20eb4-39df-7427-b203-cd9d01dec57f', 2, 'Manifest.json', '\x2d374738132290c2697dbc07b2a4a8a9112661e72123f1681eb5e6ba88bdcc66', 617, 1239098031);
INSERT INTO public.revision_files VALUES ('01a20eb4-39f3-73a5-b360-3a491f3ae342', 0, 'Data/com.apple.CoreML/model.mlmodel', '\xa81ee968a61c56ab1185cf95be813f13f0397a024c02535862a1c98034e6fe2d', 4700, 1497415420);
INSERT INTO public.revision_files VALUES ('01a20eb4-39f3-73a5-b360-3a491f3ae342', 1, 'Data/com.apple.CoreML/weights/weight.bin', '\x0b048fc13d537685209d494d96dab183bfabf48ddace9e4603a4cc35ab986763', 8768, 1087432630);
INSERT INTO public.revision_files VALUES ('01a20eb4-39f3-73a5-b360-3a491f3ae342', 2, 'Manifest.json', '\xe7b9de4c521a4cc8703102d86362528f848df5681a763566e18dd5efbcb0e16b', 617, 1800025543);


--
-- Data for Name: revision_tags; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.revision_tags VALUES ('01a20eb4-3965-75ae-82a1-a5c9945799b0', 'branch', 'main');
INSERT INTO public.revision_tags VALUES ('01a20eb4-3965-75ae-82a1-a5c9945799b0', 'commit', '0a1b2c');
INSERT INTO public.revision_tags VALUES ('01a20eb4-3972-7792-a100-fe4970ab3d9e', 'branch', 'main');
INSERT INTO public.revision_tags VALUES ('01a20eb4-3972-7792-a100-fe4970ab3d9e', 'commit', '0a1b2c');
INSERT INTO public.revision_tags VALUES ('01a20eb4-397e-70b6-93e7-8fa0d31c0e3d', 'branch', 'main');
INSERT INTO public.revision_tags VALUES ('01a20eb4-397e-70b6-93e7-8fa0d31c0e3d', 'commit', '0a1b2c');


--
-- Data for Name: revisions; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.revisions VALUES ('01a20eb4-3965-75ae-82a1-a5c9945799b0', '01a20eb4-394b-73f1-b5f7-ea43d8427d56', '01a20eb4-395c-706e-9f68-0b5383cd38d3', '\x9fc300ddbbe9237a01f2fa629ff1e84d61906a9cdc7185531eae78e6dad8bbcc', '\x473b72706e8a7435f4539b0c4dfc5c3ce656c198ccf7f607b05028dabe457d54', 'mlpackage', 'gestures', 109861, NULL, NULL, NULL, '{"branch":"main","commit":"0a1b2c"}', '', '{"kind":"mlpackage","model_type":"mlProgram","specification_version":6,"digest":"sha256:9fc300ddbbe9237a01f2fa629ff1e84d61906a9cdc7185531eae78e6dad8bbcc","content_digest":"sha256:473b72706e8a7435f4539b0c4dfc5c3ce656c198ccf7f607b05028dabe457d54","size_bytes":109861,"requires":{"ios":"iOS15","macos":"macOS12","opset":"CoreML5"},"metadata":{"com.github.apple.coremltools.source":"milinternal","com.github.apple.coremltools.version":"9.0"},"functions":[{"name":"main","default":true,"inputs":[{"name":"x","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false}],"outputs":[{"name":"prelu","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false},{"name":"elu","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false},{"name":"lrelu","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false},{"name":"softplus","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false},{"name":"erf","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false},{"name":"clip","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false},{"name":"gelu_sig","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false}],"states":[],"op_counts":{"add":1,"clip":1,"const":17,"elu":1,"erf":1,"expand_dims":1,"gelu":2,"layer_norm":1,"leaky_relu":1,"linear":2,"prelu":1,"softplus":1,"squeeze":1},"weights":[{"name":"layer_norm_0_gamma_0","shape":[64],"dtype":"float32","representation":"float32","bytes":256,"users":["layer_norm"]},{"name":"layer_norm_0_beta_0","shape":[64],"dtype":"float32","representation":"float32","bytes":256,"users":["layer_norm"]},{"name":"linear_0_weight_0","shape":[200,64],"dtype":"float32","representation":"float32","bytes":51200,"users":["linear"]},{"name":"linear_0_bias_0","shape":[200],"dtype":"float32","representation":"float32","bytes":800,"users":["linear"]},{"name":"linear_1_weight_0","shape":[64,200],"dtype":"float32","representation":"float32","bytes":51200,"users":["linear"]},{"name":"linear_1_bias_0","shape":[64],"dtype":"float32","representation":"float32","bytes":256,"users":["linear"]},{"name":"prelu_0_alpha_0","shape":[64],"dtype":"float32","representation":"float32","bytes":256,"users":["prelu"]}]}],"pipeline":[],"parameters":26056}', 1795543021925, 1795543021925, NULL);
INSERT INTO public.revisions VALUES ('01a20eb4-399b-741d-b578-4c7c88127fe4', '01a20eb4-394b-73f1-b5f7-ea43d8427d56', '01a20eb4-3998-71ad-9f1d-319b8700370b', '\xf582513c5d5b7bbe80f57e925e3308ba20fd5c14eb341a6efebf9a6d2cfc96a5', '\x35c92e5a8882b9c875e6f22fdff54344176d1becc67eee16e5bf5e871f46d0c4', 'mlmodel', 'line', 213, NULL, NULL, NULL, '{}', '', '{"kind":"mlmodel","model_type":"glmClassifier","specification_version":1,"digest":"sha256:f582513c5d5b7bbe80f57e925e3308ba20fd5c14eb341a6efebf9a6d2cfc96a5","content_digest":"sha256:35c92e5a8882b9c875e6f22fdff54344176d1becc67eee16e5bf5e871f46d0c4","size_bytes":213,"requires":{"ios":"iOS11","macos":"macOS10.13","opset":null},"metadata":{},"functions":[],"pipeline":[],"parameters":0}', 1795543021979, 1795543021979, NULL);
INSERT INTO public.revisions VALUES ('01a20eb4-397e-70b6-93e7-8fa0d31c0e3d', '01a20eb4-394b-73f1-b5f7-ea43d8427d56', '01a20eb4-3978-7253-9a7a-cb5ad353374e', '\xa106095054898e58a23a0a24bc7e6fdc641e20ed63d98bf21004f53971f04ec2', '\x2547aab42785c07c23fadf185a0492331c69740609425d29d1f5f00161e22965', 'mlpackage', 'digits', 4752, NULL, NULL, NULL, '{"branch":"main","commit":"0a1b2c"}', '', '{"kind":"mlpackage","model_type":"mlProgram","specification_version":6,"digest":"sha256:a106095054898e58a23a0a24bc7e6fdc641e20ed63d98bf21004f53971f04ec2","content_digest":"sha256:2547aab42785c07c23fadf185a0492331c69740609425d29d1f5f00161e22965","size_bytes":4752,"requires":{"ios":"iOS15","macos":"macOS12","opset":"CoreML5"},"metadata":{"com.github.apple.coremltools.source":"milinternal","com.github.apple.coremltools.version":"9.0"},"functions":[{"name":"main","default":true,"inputs":[{"name":"x","kind":"multi_array","dtype":"float32","shape":[1,8],"flexibility":"fixed","optional":false},{"name":"limit","kind":"multi_array","dtype":"float32","shape":[1],"flexibility":"fixed","optional":false}],"outputs":[{"name":"v","kind":"multi_array","dtype":"float32","shape":[1,8],"flexibility":"fixed","optional":false},{"name":"steps","kind":"multi_array","dtype":"float32","shape":[1],"flexibility":"fixed","optional":false}],"states":[],"op_counts":{"add":2,"cond":1,"const":12,"equal":1,"expand_dims":1,"identity":1,"less":2,"linear":1,"logical_and":1,"mod":1,"mul":2,"reduce_l2_norm":1,"squeeze":1,"sub":1,"while_loop":1},"weights":[{"name":"linear_0_weight_0","shape":[8,8],"dtype":"float32","representation":"float32","bytes":256,"users":["linear"]}]}],"pipeline":[],"parameters":64}', 1795543021950, 1795543021950, NULL);
INSERT INTO public.revisions VALUES ('01a20eb4-3972-7792-a100-fe4970ab3d9e', '01a20eb4-394b-73f1-b5f7-ea43d8427d56', '01a20eb4-396c-7536-bc40-c62c5ca88d84', '\x97ba10cee0ac015696f5bcaa02f654f6922c8ddc4c7661ed49f960baefe530dd', '\xbbf0f56cc9f1dd4d54e71461aa1c2274137bf1a1fed24d5b1a65842610efa7bb', 'mlpackage', 'counter', 53724, NULL, NULL, NULL, '{"branch":"main","commit":"0a1b2c"}', 'with a ''quote'' and a
line', '{"kind":"mlpackage","model_type":"mlProgram","specification_version":8,"digest":"sha256:97ba10cee0ac015696f5bcaa02f654f6922c8ddc4c7661ed49f960baefe530dd","content_digest":"sha256:bbf0f56cc9f1dd4d54e71461aa1c2274137bf1a1fed24d5b1a65842610efa7bb","size_bytes":53724,"requires":{"ios":"iOS17","macos":"macOS14","opset":"CoreML7"},"metadata":{"com.github.apple.coremltools.source":"milinternal","com.github.apple.coremltools.version":"9.0"},"functions":[{"name":"main","default":true,"inputs":[{"name":"ids","kind":"multi_array","dtype":"int32","shape":[1,6],"flexibility":"fixed","optional":false}],"outputs":[{"name":"logits","kind":"multi_array","dtype":"float32","shape":[1,6,500],"flexibility":"fixed","optional":false}],"states":[],"op_counts":{"add":1,"cast":4,"const":14,"cumsum":1,"gather":1,"greater_equal":1,"linear":1,"select":1,"tanh":1},"weights":[{"name":"gather_0_x_0_to_fp16","shape":[500,48],"dtype":"float16","representation":"float16","bytes":48000,"users":["gather","linear"]},{"name":"logits_bias_0_to_fp16","shape":[500],"dtype":"float16","representation":"float16","bytes":1000,"users":["linear"]}]}],"pipeline":[],"parameters":24500}', 1795543021938, 1795543021957, NULL);
INSERT INTO public.revisions VALUES ('01a20eb4-39ca-77b3-86b5-3b935876cf5d', '01a20eb4-394b-73f1-b5f7-ea43d8427d56', '01a20eb4-395c-706e-9f68-0b5383cd38d3', '\xe9699917f63bcf6d3ae73b284091b892cee829b7e980a814e4a4bb3319fd9b26', '\x19b9ea2f76dce25fe2c2c56f9f6c6478299aa0450251fc5d5bd9e7fb01f1ab2d', 'mlpackage', 'gestures', 35121, '01a20eb4-3965-75ae-82a1-a5c9945799b0', '{"name":"int8","digest":"sha256:a71074819e3a27067b1ac1f23d2dbc53e3f166783e6735f583ae30a8d8e040c4","config":{"description":"8-bit integers, symmetric, one scale per output channel","name":"int8","options":{"compat":"mended"},"steps":[{"config_type":"OpLinearQuantizerConfig","global_config":{"block_size":32,"config_type":"OpLinearQuantizerConfig","dtype":"int8","granularity":"per_channel","mode":"linear_symmetric","weight_threshold":2048},"op_name_configs":{},"op_type_configs":{}}]}}', '01a20eb4-398d-71a7-8a9f-b2b6a2dda851', '{}', '', '{"kind":"mlpackage","model_type":"mlProgram","specification_version":7,"digest":"sha256:e9699917f63bcf6d3ae73b284091b892cee829b7e980a814e4a4bb3319fd9b26","content_digest":"sha256:19b9ea2f76dce25fe2c2c56f9f6c6478299aa0450251fc5d5bd9e7fb01f1ab2d","size_bytes":35121,"requires":{"ios":"iOS16","macos":"macOS13","opset":"CoreML6"},"metadata":{"com.github.apple.coremltools.source":"milinternal","com.github.apple.coremltools.version":"9.0"},"functions":[{"name":"main","default":true,"inputs":[{"name":"x","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false}],"outputs":[{"name":"prelu","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false},{"name":"elu","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false},{"name":"lrelu","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false},{"name":"softplus","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false},{"name":"erf","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false},{"name":"clip","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false},{"name":"gelu_sig","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false}],"states":[],"op_counts":{"add":1,"clip":1,"const":15,"constexpr_affine_dequantize":2,"elu":1,"erf":1,"expand_dims":1,"gelu":2,"layer_norm":1,"leaky_relu":1,"linear":2,"prelu":1,"softplus":1,"squeeze":1},"weights":[{"name":"layer_norm_0_gamma_0","shape":[64],"dtype":"float32","representation":"float32","bytes":256,"users":["layer_norm"]},{"name":"layer_norm_0_beta_0","shape":[64],"dtype":"float32","representation":"float32","bytes":256,"users":["layer_norm"]},{"name":"linear_0_weight_0","shape":[200,64],"dtype":"float32","representation":"int8 affine","bytes":13804,"users":["linear"]},{"name":"linear_0_bias_0","shape":[200],"dtype":"float32","representation":"float32","bytes":800,"users":["linear"]},{"name":"linear_1_weight_0","shape":[64,200],"dtype":"float32","representation":"int8 affine","bytes":13124,"users":["linear"]},{"name":"linear_1_bias_0","shape":[64],"dtype":"float32","representation":"float32","bytes":256,"users":["linear"]},{"name":"prelu_0_alpha_0","shape":[64],"dtype":"float32","representation":"float32","bytes":256,"users":["prelu"]}]}],"pipeline":[],"parameters":26056}', 1795543022027, 1795543022027, NULL);
INSERT INTO public.revisions VALUES ('01a20eb4-39df-7427-b203-cd9d01dec57f', '01a20eb4-394b-73f1-b5f7-ea43d8427d56', '01a20eb4-396c-7536-bc40-c62c5ca88d84', '\x934dd01396b158c643e68017ef586059d9a564e53f5ef7f997b89af469363fcc', '\xf806388c2c09b6c2c76a45392423f459d5dc98d612a51689f7c4f6a470d24cd1', 'mlpackage', 'counter', 18010, '01a20eb4-3972-7792-a100-fe4970ab3d9e', '{"name":"palettize-4","digest":"sha256:e909d11d041a4b870b656f2d8130d63e4ed8af658c8d7ef855ab439cabd7cc7e","config":{"description":"4-bit look-up table by k-means, one table per weight","name":"palettize-4","options":{"compat":"mended"},"steps":[{"config_type":"OpPalettizerConfig","global_config":{"channel_axis":null,"cluster_dim":1,"config_type":"OpPalettizerConfig","enable_per_channel_scale":false,"granularity":"per_tensor","group_size":32,"mode":"kmeans","nbits":4,"num_kmeans_workers":1,"weight_threshold":2048},"op_name_configs":{},"op_type_configs":{}}]}}', '01a20eb4-3992-7736-a15a-60795a0b32cf', '{}', '', '{"kind":"mlpackage","model_type":"mlProgram","specification_version":8,"digest":"sha256:934dd01396b158c643e68017ef586059d9a564e53f5ef7f997b89af469363fcc","content_digest":"sha256:f806388c2c09b6c2c76a45392423f459d5dc98d612a51689f7c4f6a470d24cd1","size_bytes":18010,"requires":{"ios":"iOS17","macos":"macOS14","opset":"CoreML7"},"metadata":{"com.github.apple.coremltools.source":"milinternal","com.github.apple.coremltools.version":"9.0"},"functions":[{"name":"main","default":true,"inputs":[{"name":"ids","kind":"multi_array","dtype":"int32","shape":[1,6],"flexibility":"fixed","optional":false}],"outputs":[{"name":"logits","kind":"multi_array","dtype":"float32","shape":[1,6,500],"flexibility":"fixed","optional":false}],"states":[],"op_counts":{"add":1,"cast":4,"const":13,"constexpr_lut_to_dense":1,"cumsum":1,"gather":1,"greater_equal":1,"linear":1,"select":1,"tanh":1},"weights":[{"name":"gather_0_x_0_to_fp16","shape":[500,48],"dtype":"float16","representation":"4-bit palette","bytes":12040,"users":["gather","linear"]},{"name":"logits_bias_0_to_fp16","shape":[500],"dtype":"float16","representation":"float16","bytes":1000,"users":["linear"]}]}],"pipeline":[],"parameters":24500}', 1795543022048, 1795543022048, NULL);
INSERT INTO public.revisions VALUES ('01a20eb4-39f3-73a5-b360-3a491f3ae342', '01a20eb4-394b-73f1-b5f7-ea43d8427d56', '01a20eb4-395c-706e-9f68-0b5383cd38d3', '\xd15bb91025a33e92afb97bbfbfacb7fda6eaff908b9d18bca8d6272347de2a6b', '\x254b5d3e9d8fa81af1570eb1bea230c1f15ff736c30721aa3a608459a00e9439', 'mlpackage', 'gestures', 14085, '01a20eb4-3965-75ae-82a1-a5c9945799b0', '{"name":"palettize-2","digest":"sha256:dcb7e9269a26b49fc12c4d4ac1788b9f3a92788edaf078e254ddb0d2836be100","config":{"description":"2-bit look-up table by k-means, one table per weight","name":"palettize-2","options":{"compat":"mended"},"steps":[{"config_type":"OpPalettizerConfig","global_config":{"channel_axis":null,"cluster_dim":1,"config_type":"OpPalettizerConfig","enable_per_channel_scale":false,"granularity":"per_tensor","group_size":32,"mode":"kmeans","nbits":2,"num_kmeans_workers":1,"weight_threshold":2048},"op_name_configs":{},"op_type_configs":{}}]}}', '01a20eb4-3995-71b2-9ec4-c56a1c6803c3', '{}', '', '{"kind":"mlpackage","model_type":"mlProgram","specification_version":7,"digest":"sha256:d15bb91025a33e92afb97bbfbfacb7fda6eaff908b9d18bca8d6272347de2a6b","content_digest":"sha256:254b5d3e9d8fa81af1570eb1bea230c1f15ff736c30721aa3a608459a00e9439","size_bytes":14085,"requires":{"ios":"iOS16","macos":"macOS13","opset":"CoreML6"},"metadata":{"com.github.apple.coremltools.source":"milinternal","com.github.apple.coremltools.version":"9.0"},"functions":[{"name":"main","default":true,"inputs":[{"name":"x","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false}],"outputs":[{"name":"prelu","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false},{"name":"elu","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false},{"name":"lrelu","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false},{"name":"softplus","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false},{"name":"erf","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false},{"name":"clip","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false},{"name":"gelu_sig","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false}],"states":[],"op_counts":{"add":1,"clip":1,"const":15,"constexpr_lut_to_dense":2,"elu":1,"erf":1,"expand_dims":1,"gelu":2,"layer_norm":1,"leaky_relu":1,"linear":2,"prelu":1,"softplus":1,"squeeze":1},"weights":[{"name":"layer_norm_0_gamma_0","shape":[64],"dtype":"float32","representation":"float32","bytes":256,"users":["layer_norm"]},{"name":"layer_norm_0_beta_0","shape":[64],"dtype":"float32","representation":"float32","bytes":256,"users":["layer_norm"]},{"name":"linear_0_weight_0","shape":[200,64],"dtype":"float32","representation":"2-bit palette","bytes":3224,"users":["linear"]},{"name":"linear_0_bias_0","shape":[200],"dtype":"float32","representation":"float32","bytes":800,"users":["linear"]},{"name":"linear_1_weight_0","shape":[64,200],"dtype":"float32","representation":"2-bit palette","bytes":3224,"users":["linear"]},{"name":"linear_1_bias_0","shape":[64],"dtype":"float32","representation":"float32","bytes":256,"users":["linear"]},{"name":"prelu_0_alpha_0","shape":[64],"dtype":"float32","representation":"float32","bytes":256,"users":["prelu"]}]}],"pipeline":[],"parameters":26056}', 1795543022068, 1795543022068, NULL);


--
-- Data for Name: tokens; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.tokens VALUES ('01a20eb4-394f-73ea-ae53-51d1b0a78a6e', '\x9728f55cebdae281813645a68dac165e62c892337adbb4c476c1de288d8d2001', 'first token', 'admin', NULL, 1795543021903, 1795543021914, NULL);
INSERT INTO public.tokens VALUES ('01a20eb4-3988-740d-8e2e-422eba035890', '\x889ef77e9a6516985bbcb80991d25c56dfc1d8c32dd0b61ca49487e6f6c12429', 'ci', 'writer', NULL, 1795543021960, NULL, NULL);
INSERT INTO public.tokens VALUES ('01a20eb4-3989-7650-9558-04aeb51d7536', '\x1cdbf49a487d9594cba3b30e810940356cf8a93532a37fd8afe49a0e20b3e7c4', 'old laptop', 'reader', NULL, 1795543021961, NULL, 1795543021963);


--
-- Name: _sqlx_migrations _sqlx_migrations_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public._sqlx_migrations
    ADD CONSTRAINT _sqlx_migrations_pkey PRIMARY KEY (version);


--
-- Name: aliases aliases_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.aliases
    ADD CONSTRAINT aliases_pkey PRIMARY KEY (model_id, name);


--
-- Name: attempts attempts_job_id_fence_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.attempts
    ADD CONSTRAINT attempts_job_id_fence_key UNIQUE (job_id, fence);


--
-- Name: attempts attempts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.attempts
    ADD CONSTRAINT attempts_pkey PRIMARY KEY (id);


--
-- Name: idempotency_keys idempotency_keys_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (principal, route, key);


--
-- Name: job_events job_events_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.job_events
    ADD CONSTRAINT job_events_pkey PRIMARY KEY (job_id, seq);


--
-- Name: jobs jobs_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_pkey PRIMARY KEY (id);


--
-- Name: measurements measurements_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.measurements
    ADD CONSTRAINT measurements_pkey PRIMARY KEY (id);


--
-- Name: models models_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.models
    ADD CONSTRAINT models_pkey PRIMARY KEY (id);


--
-- Name: objects objects_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.objects
    ADD CONSTRAINT objects_pkey PRIMARY KEY (sha256);


--
-- Name: projects projects_name_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.projects
    ADD CONSTRAINT projects_name_key UNIQUE (name);


--
-- Name: projects projects_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.projects
    ADD CONSTRAINT projects_pkey PRIMARY KEY (id);


--
-- Name: revision_files revision_files_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.revision_files
    ADD CONSTRAINT revision_files_pkey PRIMARY KEY (revision_id, ordinal);


--
-- Name: revision_files revision_files_revision_id_path_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.revision_files
    ADD CONSTRAINT revision_files_revision_id_path_key UNIQUE (revision_id, path);


--
-- Name: revision_tags revision_tags_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.revision_tags
    ADD CONSTRAINT revision_tags_pkey PRIMARY KEY (revision_id, key);


--
-- Name: revisions revisions_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.revisions
    ADD CONSTRAINT revisions_pkey PRIMARY KEY (id);


--
-- Name: tokens tokens_hash_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tokens
    ADD CONSTRAINT tokens_hash_key UNIQUE (hash);


--
-- Name: tokens tokens_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tokens
    ADD CONSTRAINT tokens_pkey PRIMARY KEY (id);


--
-- Name: aliases_revision; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX aliases_revision ON public.aliases USING btree (revision_id);


--
-- Name: attempts_lease; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX attempts_lease ON public.attempts USING btree (lease_expires_at) WHERE (state = 'leased'::text);


--
-- Name: attempts_one_lease; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX attempts_one_lease ON public.attempts USING btree (job_id) WHERE (state = 'leased'::text);


--
-- Name: idempotency_keys_age; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX idempotency_keys_age ON public.idempotency_keys USING btree (created_at);


--
-- Name: jobs_model; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX jobs_model ON public.jobs USING btree (model_id);


--
-- Name: jobs_project; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX jobs_project ON public.jobs USING btree (project_id, id);


--
-- Name: jobs_queued; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX jobs_queued ON public.jobs USING btree (priority DESC, run_after, id) WHERE (state = 'queued'::text);


--
-- Name: jobs_revision; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX jobs_revision ON public.jobs USING btree (revision_id);


--
-- Name: measurements_model; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX measurements_model ON public.measurements USING btree (model_id, metric, id);


--
-- Name: measurements_revision; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX measurements_revision ON public.measurements USING btree (revision_id, metric, id);


--
-- Name: models_name; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX models_name ON public.models USING btree (project_id, name) WHERE (deleted_at IS NULL);


--
-- Name: revision_files_object; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX revision_files_object ON public.revision_files USING btree (sha256);


--
-- Name: revision_tags_value; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX revision_tags_value ON public.revision_tags USING btree (key, value);


--
-- Name: revisions_content; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX revisions_content ON public.revisions USING btree (model_id, content_digest);


--
-- Name: revisions_digest; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX revisions_digest ON public.revisions USING btree (model_id, digest) WHERE (deleted_at IS NULL);


--
-- Name: revisions_parent; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX revisions_parent ON public.revisions USING btree (parent_id) WHERE (parent_id IS NOT NULL);


--
-- Name: aliases aliases_model_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.aliases
    ADD CONSTRAINT aliases_model_id_fkey FOREIGN KEY (model_id) REFERENCES public.models(id);


--
-- Name: aliases aliases_revision_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.aliases
    ADD CONSTRAINT aliases_revision_id_fkey FOREIGN KEY (revision_id) REFERENCES public.revisions(id);


--
-- Name: attempts attempts_job_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.attempts
    ADD CONSTRAINT attempts_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id);


--
-- Name: job_events job_events_job_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.job_events
    ADD CONSTRAINT job_events_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id);


--
-- Name: jobs jobs_model_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_model_id_fkey FOREIGN KEY (model_id) REFERENCES public.models(id);


--
-- Name: jobs jobs_project_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id);


--
-- Name: jobs jobs_revision_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_revision_id_fkey FOREIGN KEY (revision_id) REFERENCES public.revisions(id);


--
-- Name: measurements measurements_attempt_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.measurements
    ADD CONSTRAINT measurements_attempt_id_fkey FOREIGN KEY (attempt_id) REFERENCES public.attempts(id);


--
-- Name: measurements measurements_job_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.measurements
    ADD CONSTRAINT measurements_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id);


--
-- Name: measurements measurements_model_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.measurements
    ADD CONSTRAINT measurements_model_id_fkey FOREIGN KEY (model_id) REFERENCES public.models(id);


--
-- Name: measurements measurements_project_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.measurements
    ADD CONSTRAINT measurements_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id);


--
-- Name: measurements measurements_revision_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.measurements
    ADD CONSTRAINT measurements_revision_id_fkey FOREIGN KEY (revision_id) REFERENCES public.revisions(id);


--
-- Name: models models_project_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.models
    ADD CONSTRAINT models_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id);


--
-- Name: revision_files revision_files_revision_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.revision_files
    ADD CONSTRAINT revision_files_revision_id_fkey FOREIGN KEY (revision_id) REFERENCES public.revisions(id);


--
-- Name: revision_files revision_files_sha256_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.revision_files
    ADD CONSTRAINT revision_files_sha256_fkey FOREIGN KEY (sha256) REFERENCES public.objects(sha256);


--
-- Name: revision_tags revision_tags_revision_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.revision_tags
    ADD CONSTRAINT revision_tags_revision_id_fkey FOREIGN KEY (revision_id) REFERENCES public.revisions(id);


--
-- Name: revisions revisions_model_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.revisions
    ADD CONSTRAINT revisions_model_id_fkey FOREIGN KEY (model_id) REFERENCES public.models(id);


--
-- Name: revisions revisions_parent_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.revisions
    ADD CONSTRAINT revisions_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES public.revisions(id);


--
-- Name: revisions revisions_project_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.revisions
    ADD CONSTRAINT revisions_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id);


--
-- Name: tokens tokens_project_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tokens
    ADD CONSTRAINT tokens_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id);


--
-- PostgreSQL database dump complete
--


