BEGIN TRANSACTION;
CREATE TABLE _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
);
INSERT INTO "_sqlx_migrations" VALUES(1,'foundation','2026-11-24 17:57:01',1,X'9BE74A824EA2B1D8462ADB2ABD0B97388574A522DBF1472DAB0634B1D18D1739A7EEBA0FD5FF7598F878F1EBA76F48BC',2268678);
CREATE TABLE aliases (
    model_id blob not null references models (id),
    name text not null,
    revision_id blob not null references revisions (id),
    updated_at integer not null,
    primary key (model_id, name)
) strict;
INSERT INTO "aliases" VALUES(X'01A20EB4384B74B1A400184BA69FCD9D','prod',X'01A20EB4389775BCB7F138F28EB3BCB1',1795543021771);
INSERT INTO "aliases" VALUES(X'01A20EB4384B74B1A400184BA69FCD9D','candidate',X'01A20EB43853753291D69F6690FF1861',1795543021773);
CREATE TABLE attempts (
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
INSERT INTO "attempts" VALUES(X'01A20EB4388D710FB05C74ACDFE0F6E8',X'01A20EB4387273B69426E2A70F17535D',1,X'01A20EB4388B726482D8AE035F858D0D','succeeded','loading',0.0,1795543081712,1795543021712,NULL,1795543021707,1795543021719);
INSERT INTO "attempts" VALUES(X'01A20EB4389B70BAA79C4248511CE72B',X'01A20EB438757147AD49765146513E39',1,X'01A20EB4388B726482D8AE035F858D0D','succeeded','loading',0.0,1795543081724,1795543021724,NULL,1795543021722,1795543021731);
INSERT INTO "attempts" VALUES(X'01A20EB438A571A29D1277D084FEE942',X'01A20EB438777465B07D46EC662753E1',1,X'01A20EB4388B726482D8AE035F858D0D','succeeded','loading',0.0,1795543081734,1795543021734,NULL,1795543021733,1795543021742);
INSERT INTO "attempts" VALUES(X'01A20EB438B07435BC1A8243C9223569',X'01A20EB4387F73F890D5DFE740180CC5',1,X'01A20EB4388B726482D8AE035F858D0D','failed','loading',0.0,1795543081745,1795543021745,'{"code":"unsupported","message":"model: glmClassifier: weights of this model type cannot be compressed by this version","fault":"user","retryable":false}',1795543021744,1795543021747);
INSERT INTO "attempts" VALUES(X'01A20EB438E17418B387476D9B485D7F',X'01A20EB438D67088990A013E4EF74351',1,X'01A20EB438E0757D89D563F38EDE6558','leased',NULL,0.0,1795543081792,1795543021792,NULL,1795543021792,NULL);
CREATE TABLE idempotency_keys (
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
INSERT INTO "idempotency_keys" VALUES('01a20eb4-3840-7170-9d53-5fe1ae26284c','POST /jobs','upgrade-1',X'3EBC6125D7B62DDB41196E9C14D40DB55AE9AD5B186277D1A9CC152AEE443012',202,'{"id":"01a20eb4-3872-73b6-9426-e2a70f17535d","kind":"compress","state":"queued","phase":null,"progress":0.0,"model":"gestures","model_id":"01a20eb4-384b-74b1-a400-184ba69fcd9d","revision_id":"01a20eb4-3853-7532-91d6-9f6690ff1861","recipe":{"name":"int8","digest":"sha256:a71074819e3a27067b1ac1f23d2dbc53e3f166783e6735f583ae30a8d8e040c4","config":{"description":"8-bit integers, symmetric, one scale per output channel","name":"int8","options":{"compat":"mended"},"steps":[{"config_type":"OpLinearQuantizerConfig","global_config":{"block_size":32,"config_type":"OpLinearQuantizerConfig","dtype":"int8","granularity":"per_channel","mode":"linear_symmetric","weight_threshold":2048},"op_name_configs":{},"op_type_configs":{}}]}},"data_set_id":null,"priority":0,"result":null,"error":null,"attempts":0,"cancel_requested":false,"created_at":"2026-11-24T17:57:01.682Z","started_at":null,"finished_at":null}',1795546621682,1795543021682);
CREATE TABLE job_events (
    job_id blob not null references jobs (id),
    seq integer not null,
    kind text not null,
    data text not null,
    created_at integer not null,
    primary key (job_id, seq)
) strict;
INSERT INTO "job_events" VALUES(X'01A20EB4387273B69426E2A70F17535D',1,'queued','{}',1795543021682);
INSERT INTO "job_events" VALUES(X'01A20EB438757147AD49765146513E39',1,'queued','{}',1795543021685);
INSERT INTO "job_events" VALUES(X'01A20EB438777465B07D46EC662753E1',1,'queued','{}',1795543021687);
INSERT INTO "job_events" VALUES(X'01A20EB4387F73F890D5DFE740180CC5',1,'queued','{}',1795543021695);
INSERT INTO "job_events" VALUES(X'01A20EB4388172F8ABE91B273764AE94',1,'queued','{}',1795543021697);
INSERT INTO "job_events" VALUES(X'01A20EB4388172F8ABE91B273764AE94',2,'cancelled','{"attempt":null,"attempt_state":null,"error":null,"run_after":null}',1795543021699);
INSERT INTO "job_events" VALUES(X'01A20EB4387273B69426E2A70F17535D',2,'running','{"attempt":1,"attempt_state":null,"error":null,"run_after":null}',1795543021707);
INSERT INTO "job_events" VALUES(X'01A20EB4387273B69426E2A70F17535D',3,'phase','{"attempt":1,"phase":"loading"}',1795543021712);
INSERT INTO "job_events" VALUES(X'01A20EB4387273B69426E2A70F17535D',4,'succeeded','{"attempt":1,"attempt_state":"succeeded","error":null,"run_after":null}',1795543021719);
INSERT INTO "job_events" VALUES(X'01A20EB438757147AD49765146513E39',2,'running','{"attempt":1,"attempt_state":null,"error":null,"run_after":null}',1795543021722);
INSERT INTO "job_events" VALUES(X'01A20EB438757147AD49765146513E39',3,'phase','{"attempt":1,"phase":"loading"}',1795543021724);
INSERT INTO "job_events" VALUES(X'01A20EB438757147AD49765146513E39',4,'succeeded','{"attempt":1,"attempt_state":"succeeded","error":null,"run_after":null}',1795543021731);
INSERT INTO "job_events" VALUES(X'01A20EB438777465B07D46EC662753E1',2,'running','{"attempt":1,"attempt_state":null,"error":null,"run_after":null}',1795543021733);
INSERT INTO "job_events" VALUES(X'01A20EB438777465B07D46EC662753E1',3,'phase','{"attempt":1,"phase":"loading"}',1795543021734);
INSERT INTO "job_events" VALUES(X'01A20EB438777465B07D46EC662753E1',4,'succeeded','{"attempt":1,"attempt_state":"succeeded","error":null,"run_after":null}',1795543021742);
INSERT INTO "job_events" VALUES(X'01A20EB4387F73F890D5DFE740180CC5',2,'running','{"attempt":1,"attempt_state":null,"error":null,"run_after":null}',1795543021744);
INSERT INTO "job_events" VALUES(X'01A20EB4387F73F890D5DFE740180CC5',3,'phase','{"attempt":1,"phase":"loading"}',1795543021745);
INSERT INTO "job_events" VALUES(X'01A20EB4387F73F890D5DFE740180CC5',4,'failed','{"attempt":1,"attempt_state":"failed","error":{"code":"unsupported","fault":"user","message":"model: glmClassifier: weights of this model type cannot be compressed by this version","retryable":false},"run_after":null}',1795543021747);
INSERT INTO "job_events" VALUES(X'01A20EB438D67088990A013E4EF74351',1,'queued','{}',1795543021783);
INSERT INTO "job_events" VALUES(X'01A20EB438D67088990A013E4EF74351',2,'running','{"attempt":1,"attempt_state":null,"error":null,"run_after":null}',1795543021792);
INSERT INTO "job_events" VALUES(X'01A20EB438E7720E9A866620711F3D51',1,'queued','{}',1795543021799);
INSERT INTO "job_events" VALUES(X'01A20EB438E9779D804DB19178462E5E',1,'queued','{}',1795543021801);
CREATE TABLE jobs (
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
INSERT INTO "jobs" VALUES(X'01A20EB4387273B69426E2A70F17535D',X'01A20EB4383F7445AD7BC1D34822A562','compress','succeeded',NULL,1.0,X'01A20EB4384B74B1A400184BA69FCD9D',X'01A20EB43853753291D69F6690FF1861',NULL,'{"name":"int8","digest":"sha256:a71074819e3a27067b1ac1f23d2dbc53e3f166783e6735f583ae30a8d8e040c4","config":{"description":"8-bit integers, symmetric, one scale per output channel","name":"int8","options":{"compat":"mended"},"steps":[{"config_type":"OpLinearQuantizerConfig","global_config":{"block_size":32,"config_type":"OpLinearQuantizerConfig","dtype":"int8","granularity":"per_channel","mode":"linear_symmetric","weight_threshold":2048},"op_name_configs":{},"op_type_configs":{}}]}}',NULL,'[]',0,'{"revision_id":"01a20eb4-3897-75bc-b7f1-38f28eb3bcb1","size_bytes_before":109861,"size_bytes_after":35121,"weights":{"compressed":2,"left":5,"already_compressed":0},"report":null}','{"recipe":{"name":"int8","digest":"sha256:a71074819e3a27067b1ac1f23d2dbc53e3f166783e6735f583ae30a8d8e040c4","config":{"description":"8-bit integers, symmetric, one scale per output channel","name":"int8","options":{"compat":"mended"},"steps":[{"config_type":"OpLinearQuantizerConfig","global_config":{"block_size":32,"config_type":"OpLinearQuantizerConfig","dtype":"int8","granularity":"per_channel","mode":"linear_symmetric","weight_threshold":2048},"op_name_configs":{},"op_type_configs":{}}]}},"size_bytes_before":109861,"size_bytes_after":35121,"deployment_target":{"before":"iOS15","after":"iOS16"},"weights":{"compressed":2,"left":5,"already_compressed":0},"rows":[{"function":"main","name":"layer_norm_0_gamma_0","users":["layer_norm_0"],"shape":[64],"old":"float32","new":"float32","bytes_before":256,"bytes_after":256,"snr_db":null,"max_abs":null,"left_because":"rank 1"},{"function":"main","name":"layer_norm_0_beta_0","users":["layer_norm_0"],"shape":[64],"old":"float32","new":"float32","bytes_before":256,"bytes_after":256,"snr_db":null,"max_abs":null,"left_because":"rank 1"},{"function":"main","name":"linear_0_weight_0","users":["linear_0"],"shape":[200,64],"old":"float32","new":"int8 per_channel","bytes_before":51200,"bytes_after":13804,"snr_db":44.58382707135446,"max_abs":0.0030700266361236572,"left_because":null},{"function":"main","name":"linear_0_bias_0","users":["linear_0"],"shape":[200],"old":"float32","new":"float32","bytes_before":800,"bytes_after":800,"snr_db":null,"max_abs":null,"left_because":"rank 1"},{"function":"main","name":"linear_1_weight_0","users":["linear_1"],"shape":[64,200],"old":"float32","new":"int8 per_channel","bytes_before":51200,"bytes_after":13124,"snr_db":43.438943965965464,"max_abs":0.0030877552926540375,"left_because":null},{"function":"main","name":"linear_1_bias_0","users":["linear_1"],"shape":[64],"old":"float32","new":"float32","bytes_before":256,"bytes_after":256,"snr_db":null,"max_abs":null,"left_because":"rank 1"},{"function":"main","name":"prelu_0_alpha_0","users":["prelu_0"],"shape":[64],"old":"float32","new":"float32","bytes_before":256,"bytes_after":256,"snr_db":null,"max_abs":null,"left_because":"rank 1"}],"unmatched_overrides":[],"warnings":["the program was raised from CoreML5 to CoreML6: iOS15 is no longer supported"]}',NULL,1,0,0,0,4,1795543021682,1795543021682,1795543021682,1795543021707,1795543021719);
INSERT INTO "jobs" VALUES(X'01A20EB438757147AD49765146513E39',X'01A20EB4383F7445AD7BC1D34822A562','compress','succeeded',NULL,1.0,X'01A20EB4385774C6928B2D33D2C552DA',X'01A20EB4385E76FD8E12EDDA74511BC6',NULL,'{"name":"palettize-4","digest":"sha256:e909d11d041a4b870b656f2d8130d63e4ed8af658c8d7ef855ab439cabd7cc7e","config":{"description":"4-bit look-up table by k-means, one table per weight","name":"palettize-4","options":{"compat":"mended"},"steps":[{"config_type":"OpPalettizerConfig","global_config":{"channel_axis":null,"cluster_dim":1,"config_type":"OpPalettizerConfig","enable_per_channel_scale":false,"granularity":"per_tensor","group_size":32,"mode":"kmeans","nbits":4,"num_kmeans_workers":1,"weight_threshold":2048},"op_name_configs":{},"op_type_configs":{}}]}}',NULL,'[]',0,'{"revision_id":"01a20eb4-38a3-75bd-9213-4c86cea74d51","size_bytes_before":53724,"size_bytes_after":18010,"weights":{"compressed":1,"left":1,"already_compressed":0},"report":null}','{"recipe":{"name":"palettize-4","digest":"sha256:e909d11d041a4b870b656f2d8130d63e4ed8af658c8d7ef855ab439cabd7cc7e","config":{"description":"4-bit look-up table by k-means, one table per weight","name":"palettize-4","options":{"compat":"mended"},"steps":[{"config_type":"OpPalettizerConfig","global_config":{"channel_axis":null,"cluster_dim":1,"config_type":"OpPalettizerConfig","enable_per_channel_scale":false,"granularity":"per_tensor","group_size":32,"mode":"kmeans","nbits":4,"num_kmeans_workers":1,"weight_threshold":2048},"op_name_configs":{},"op_type_configs":{}}]}},"size_bytes_before":53724,"size_bytes_after":18010,"deployment_target":{"before":"iOS17","after":"iOS17"},"weights":{"compressed":1,"left":1,"already_compressed":0},"rows":[{"function":"main","name":"gather_0_x_0_to_fp16","users":["gather_0_cast_fp16_cast_uint16_cast_uint16","logits_cast_fp16"],"shape":[500,48],"old":"float16","new":"4-bit palette","bytes_before":48000,"bytes_after":12040,"snr_db":20.29046068370591,"max_abs":0.48046875,"left_because":null},{"function":"main","name":"logits_bias_0_to_fp16","users":["logits_cast_fp16"],"shape":[500],"old":"float16","new":"float16","bytes_before":1000,"bytes_after":1000,"snr_db":null,"max_abs":null,"left_because":"rank 1"}],"unmatched_overrides":[],"warnings":[]}',NULL,1,0,0,0,4,1795543021685,1795543021685,1795543021685,1795543021722,1795543021731);
INSERT INTO "jobs" VALUES(X'01A20EB438777465B07D46EC662753E1',X'01A20EB4383F7445AD7BC1D34822A562','compress','succeeded',NULL,1.0,X'01A20EB4384B74B1A400184BA69FCD9D',X'01A20EB43853753291D69F6690FF1861',NULL,'{"name":"palettize-2","digest":"sha256:dcb7e9269a26b49fc12c4d4ac1788b9f3a92788edaf078e254ddb0d2836be100","config":{"description":"2-bit look-up table by k-means, one table per weight","name":"palettize-2","options":{"compat":"mended"},"steps":[{"config_type":"OpPalettizerConfig","global_config":{"channel_axis":null,"cluster_dim":1,"config_type":"OpPalettizerConfig","enable_per_channel_scale":false,"granularity":"per_tensor","group_size":32,"mode":"kmeans","nbits":2,"num_kmeans_workers":1,"weight_threshold":2048},"op_name_configs":{},"op_type_configs":{}}]}}',NULL,'[]',0,'{"revision_id":"01a20eb4-38ae-758b-bf9b-7f70104d86cf","size_bytes_before":109861,"size_bytes_after":14085,"weights":{"compressed":2,"left":5,"already_compressed":0},"report":null}','{"recipe":{"name":"palettize-2","digest":"sha256:dcb7e9269a26b49fc12c4d4ac1788b9f3a92788edaf078e254ddb0d2836be100","config":{"description":"2-bit look-up table by k-means, one table per weight","name":"palettize-2","options":{"compat":"mended"},"steps":[{"config_type":"OpPalettizerConfig","global_config":{"channel_axis":null,"cluster_dim":1,"config_type":"OpPalettizerConfig","enable_per_channel_scale":false,"granularity":"per_tensor","group_size":32,"mode":"kmeans","nbits":2,"num_kmeans_workers":1,"weight_threshold":2048},"op_name_configs":{},"op_type_configs":{}}]}},"size_bytes_before":109861,"size_bytes_after":14085,"deployment_target":{"before":"iOS15","after":"iOS16"},"weights":{"compressed":2,"left":5,"already_compressed":0},"rows":[{"function":"main","name":"layer_norm_0_gamma_0","users":["layer_norm_0"],"shape":[64],"old":"float32","new":"float32","bytes_before":256,"bytes_after":256,"snr_db":null,"max_abs":null,"left_because":"rank 1"},{"function":"main","name":"layer_norm_0_beta_0","users":["layer_norm_0"],"shape":[64],"old":"float32","new":"float32","bytes_before":256,"bytes_after":256,"snr_db":null,"max_abs":null,"left_because":"rank 1"},{"function":"main","name":"linear_0_weight_0","users":["linear_0"],"shape":[200,64],"old":"float32","new":"2-bit palette","bytes_before":51200,"bytes_after":3224,"snr_db":9.38449484571574,"max_abs":0.4761720597743988,"left_because":null},{"function":"main","name":"linear_0_bias_0","users":["linear_0"],"shape":[200],"old":"float32","new":"float32","bytes_before":800,"bytes_after":800,"snr_db":null,"max_abs":null,"left_because":"rank 1"},{"function":"main","name":"linear_1_weight_0","users":["linear_1"],"shape":[64,200],"old":"float32","new":"2-bit palette","bytes_before":51200,"bytes_after":3224,"snr_db":9.252121012695808,"max_abs":0.48340916633605957,"left_because":null},{"function":"main","name":"linear_1_bias_0","users":["linear_1"],"shape":[64],"old":"float32","new":"float32","bytes_before":256,"bytes_after":256,"snr_db":null,"max_abs":null,"left_because":"rank 1"},{"function":"main","name":"prelu_0_alpha_0","users":["prelu_0"],"shape":[64],"old":"float32","new":"float32","bytes_before":256,"bytes_after":256,"snr_db":null,"max_abs":null,"left_because":"rank 1"}],"unmatched_overrides":[],"warnings":["the program was raised from CoreML5 to CoreML6: iOS15 is no longer supported"]}',NULL,1,0,0,0,4,1795543021687,1795543021687,1795543021687,1795543021733,1795543021742);
INSERT INTO "jobs" VALUES(X'01A20EB4387F73F890D5DFE740180CC5',X'01A20EB4383F7445AD7BC1D34822A562','compress','failed',NULL,0.0,X'01A20EB43879701EB3BB3DBC413EE758',X'01A20EB4387C7519AD9CC44629E4D594',NULL,'{"name":"int8","digest":"sha256:a71074819e3a27067b1ac1f23d2dbc53e3f166783e6735f583ae30a8d8e040c4","config":{"description":"8-bit integers, symmetric, one scale per output channel","name":"int8","options":{"compat":"mended"},"steps":[{"config_type":"OpLinearQuantizerConfig","global_config":{"block_size":32,"config_type":"OpLinearQuantizerConfig","dtype":"int8","granularity":"per_channel","mode":"linear_symmetric","weight_threshold":2048},"op_name_configs":{},"op_type_configs":{}}]}}',NULL,'[]',0,NULL,NULL,'{"code":"unsupported","message":"model: glmClassifier: weights of this model type cannot be compressed by this version","fault":"user","retryable":false}',1,0,0,0,4,1795543021695,1795543021695,1795543021695,1795543021744,1795543021747);
INSERT INTO "jobs" VALUES(X'01A20EB4388172F8ABE91B273764AE94',X'01A20EB4383F7445AD7BC1D34822A562','compress','cancelled',NULL,0.0,X'01A20EB43861738F8D047103B3EF1E7C',X'01A20EB43866777FB7EB40549DA4C2B0',NULL,'{"name":"int8","digest":"sha256:a71074819e3a27067b1ac1f23d2dbc53e3f166783e6735f583ae30a8d8e040c4","config":{"description":"8-bit integers, symmetric, one scale per output channel","name":"int8","options":{"compat":"mended"},"steps":[{"config_type":"OpLinearQuantizerConfig","global_config":{"block_size":32,"config_type":"OpLinearQuantizerConfig","dtype":"int8","granularity":"per_channel","mode":"linear_symmetric","weight_threshold":2048},"op_name_configs":{},"op_type_configs":{}}]}}',NULL,'[]',0,NULL,NULL,NULL,0,0,0,1,2,1795543021697,1795543021697,1795543021697,NULL,1795543021699);
INSERT INTO "jobs" VALUES(X'01A20EB438D67088990A013E4EF74351',X'01A20EB4383F7445AD7BC1D34822A562','compress','running',NULL,0.0,X'01A20EB4385774C6928B2D33D2C552DA',X'01A20EB4385E76FD8E12EDDA74511BC6',NULL,'{"name":"custom","digest":"sha256:6067bd7618f8ae847cb81fff7c399b87ecf9f16464b870b7dea288b6af905e19","config":{"description":"","name":"custom","options":{"compat":"mended"},"steps":[{"config_type":"OpPalettizerConfig","global_config":{"channel_axis":null,"cluster_dim":1,"config_type":"OpPalettizerConfig","enable_per_channel_scale":false,"granularity":"per_tensor","group_size":32,"mode":"kmeans","nbits":6,"num_kmeans_workers":1,"weight_threshold":2048},"op_name_configs":{},"op_type_configs":{}}]}}',NULL,'[]',0,NULL,NULL,NULL,1,0,0,0,2,1795543021783,1795543021783,1795543021783,1795543021792,NULL);
INSERT INTO "jobs" VALUES(X'01A20EB438E7720E9A866620711F3D51',X'01A20EB4383F7445AD7BC1D34822A562','compress','queued',NULL,0.0,X'01A20EB4384B74B1A400184BA69FCD9D',X'01A20EB43853753291D69F6690FF1861',NULL,'{"name":"palettize-1","digest":"sha256:9f233f7501f520c1f2557dd5459575c6544f069e739719d76e6d0a66f1e0c824","config":{"description":"1-bit look-up table by k-means, one table per weight","name":"palettize-1","options":{"compat":"mended"},"steps":[{"config_type":"OpPalettizerConfig","global_config":{"channel_axis":null,"cluster_dim":1,"config_type":"OpPalettizerConfig","enable_per_channel_scale":false,"granularity":"per_tensor","group_size":32,"mode":"kmeans","nbits":1,"num_kmeans_workers":1,"weight_threshold":2048},"op_name_configs":{},"op_type_configs":{}}]}}',NULL,'[]',0,NULL,NULL,NULL,0,0,0,0,1,1795543021799,1795543021799,1795543021799,NULL,NULL);
INSERT INTO "jobs" VALUES(X'01A20EB438E9779D804DB19178462E5E',X'01A20EB4383F7445AD7BC1D34822A562','compress','queued',NULL,0.0,X'01A20EB43861738F8D047103B3EF1E7C',X'01A20EB43866777FB7EB40549DA4C2B0',NULL,'{"name":"decompress","digest":"sha256:d94ff7662ea2cc1a2173a140798bcf58f3e78f48c179c09d8e43d9137413b637","config":{"decompress":true,"description":"every compressed weight dense again","name":"decompress"}}',NULL,'[]',0,NULL,NULL,NULL,0,0,0,0,1,1795543021801,1795543021801,1795543021801,NULL,NULL);
CREATE TABLE measurements (
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
INSERT INTO "measurements" VALUES(X'01A20EB43899740A8D6BAD59C38EB4B4',X'01A20EB4383F7445AD7BC1D34822A562',X'01A20EB4384B74B1A400184BA69FCD9D',X'01A20EB4389775BCB7F138F28EB3BCB1',X'01A20EB4387273B69426E2A70F17535D',X'01A20EB4388D710FB05C74ACDFE0F6E8','size_bytes',35121.0,'bytes',NULL,NULL,NULL,NULL,1795543021719);
INSERT INTO "measurements" VALUES(X'01A20EB43899740A8D6BAD5A0803A56C',X'01A20EB4383F7445AD7BC1D34822A562',X'01A20EB4384B74B1A400184BA69FCD9D',X'01A20EB4389775BCB7F138F28EB3BCB1',X'01A20EB4387273B69426E2A70F17535D',X'01A20EB4388D710FB05C74ACDFE0F6E8','size_ratio',3.19685784764384084422e-01,'ratio',NULL,NULL,NULL,NULL,1795543021719);
INSERT INTO "measurements" VALUES(X'01A20EB43899740A8D6BAD5BCC394F71',X'01A20EB4383F7445AD7BC1D34822A562',X'01A20EB4384B74B1A400184BA69FCD9D',X'01A20EB4389775BCB7F138F28EB3BCB1',X'01A20EB4387273B69426E2A70F17535D',X'01A20EB4388D710FB05C74ACDFE0F6E8','weight_snr_db_worst',4.34389439659654641445e+01,'dB',NULL,NULL,NULL,NULL,1795543021719);
INSERT INTO "measurements" VALUES(X'01A20EB43899740A8D6BAD5C2905DA1B',X'01A20EB4383F7445AD7BC1D34822A562',X'01A20EB4384B74B1A400184BA69FCD9D',X'01A20EB4389775BCB7F138F28EB3BCB1',X'01A20EB4387273B69426E2A70F17535D',X'01A20EB4388D710FB05C74ACDFE0F6E8','weight_snr_db_median',4.4583827071354463099e+01,'dB',NULL,NULL,NULL,NULL,1795543021719);
INSERT INTO "measurements" VALUES(X'01A20EB438A477BFA965A1DD21D5B08B',X'01A20EB4383F7445AD7BC1D34822A562',X'01A20EB4385774C6928B2D33D2C552DA',X'01A20EB438A375BD92134C86CEA74D51',X'01A20EB438757147AD49765146513E39',X'01A20EB4389B70BAA79C4248511CE72B','size_bytes',18010.0,'bytes',NULL,NULL,NULL,NULL,1795543021731);
INSERT INTO "measurements" VALUES(X'01A20EB438A477BFA965A1DE43BB64AB',X'01A20EB4383F7445AD7BC1D34822A562',X'01A20EB4385774C6928B2D33D2C552DA',X'01A20EB438A375BD92134C86CEA74D51',X'01A20EB438757147AD49765146513E39',X'01A20EB4389B70BAA79C4248511CE72B','size_ratio',3.35231926141017044784e-01,'ratio',NULL,NULL,NULL,NULL,1795543021731);
INSERT INTO "measurements" VALUES(X'01A20EB438A477BFA965A1DF1D8EB55C',X'01A20EB4383F7445AD7BC1D34822A562',X'01A20EB4385774C6928B2D33D2C552DA',X'01A20EB438A375BD92134C86CEA74D51',X'01A20EB438757147AD49765146513E39',X'01A20EB4389B70BAA79C4248511CE72B','weight_snr_db_worst',2.02904606837059091621e+01,'dB',NULL,NULL,NULL,NULL,1795543021731);
INSERT INTO "measurements" VALUES(X'01A20EB438A477BFA965A1E090870150',X'01A20EB4383F7445AD7BC1D34822A562',X'01A20EB4385774C6928B2D33D2C552DA',X'01A20EB438A375BD92134C86CEA74D51',X'01A20EB438757147AD49765146513E39',X'01A20EB4389B70BAA79C4248511CE72B','weight_snr_db_median',2.02904606837059091621e+01,'dB',NULL,NULL,NULL,NULL,1795543021731);
INSERT INTO "measurements" VALUES(X'01A20EB438AF74119C2699F51AF043F4',X'01A20EB4383F7445AD7BC1D34822A562',X'01A20EB4384B74B1A400184BA69FCD9D',X'01A20EB438AE758BBF9B7F70104D86CF',X'01A20EB438777465B07D46EC662753E1',X'01A20EB438A571A29D1277D084FEE942','size_bytes',14085.0,'bytes',NULL,NULL,NULL,NULL,1795543021742);
INSERT INTO "measurements" VALUES(X'01A20EB438AF74119C2699F691FEB8AA',X'01A20EB4383F7445AD7BC1D34822A562',X'01A20EB4384B74B1A400184BA69FCD9D',X'01A20EB438AE758BBF9B7F70104D86CF',X'01A20EB438777465B07D46EC662753E1',X'01A20EB438A571A29D1277D084FEE942','size_ratio',1.28207462156725321422e-01,'ratio',NULL,NULL,NULL,NULL,1795543021742);
INSERT INTO "measurements" VALUES(X'01A20EB438AF74119C2699F77127D0A5',X'01A20EB4383F7445AD7BC1D34822A562',X'01A20EB4384B74B1A400184BA69FCD9D',X'01A20EB438AE758BBF9B7F70104D86CF',X'01A20EB438777465B07D46EC662753E1',X'01A20EB438A571A29D1277D084FEE942','weight_snr_db_worst',9.25212101269580777795e+00,'dB',NULL,NULL,NULL,NULL,1795543021742);
INSERT INTO "measurements" VALUES(X'01A20EB438AF74119C2699F8681055AB',X'01A20EB4383F7445AD7BC1D34822A562',X'01A20EB4384B74B1A400184BA69FCD9D',X'01A20EB438AE758BBF9B7F70104D86CF',X'01A20EB438777465B07D46EC662753E1',X'01A20EB438A571A29D1277D084FEE942','weight_snr_db_median',9.38449484571574,'dB',NULL,NULL,NULL,NULL,1795543021742);
CREATE TABLE models (
    id blob not null primary key,
    project_id blob not null references projects (id),
    name text not null,
    description text not null,
    data_set_id blob,
    created_at integer not null,
    updated_at integer not null,
    deleted_at integer
) strict;
INSERT INTO "models" VALUES(X'01A20EB4384B74B1A400184BA69FCD9D',X'01A20EB4383F7445AD7BC1D34822A562','gestures','',NULL,1795543021643,1795543021643,NULL);
INSERT INTO "models" VALUES(X'01A20EB4385774C6928B2D33D2C552DA',X'01A20EB4383F7445AD7BC1D34822A562','counter','',NULL,1795543021655,1795543021655,NULL);
INSERT INTO "models" VALUES(X'01A20EB43861738F8D047103B3EF1E7C',X'01A20EB4383F7445AD7BC1D34822A562','digits','recognises digits: 数字',NULL,1795543021665,1795543021673,NULL);
INSERT INTO "models" VALUES(X'01A20EB43879701EB3BB3DBC413EE758',X'01A20EB4383F7445AD7BC1D34822A562','line','',NULL,1795543021689,1795543021689,NULL);
CREATE TABLE objects (
    sha256 blob not null primary key,
    size_bytes integer not null check (size_bytes >= 0),
    created_at integer not null,
    referenced_at integer not null
) strict;
INSERT INTO "objects" VALUES(X'64BE93DFFE6BD8E2368C72EDAFA706C89C3B5B03CC45DAB3AD7F3EEECC0E3FBA',4476,1795543021651,1795543021651);
INSERT INTO "objects" VALUES(X'7A8E5A3CE3148232A66A157F4AF5EBCB98F1CF36448F1036C3590E2DF52429C9',104768,1795543021651,1795543021651);
INSERT INTO "objects" VALUES(X'E7B9DE4C521A4CC8703102D86362528F848DF5681A763566E18DD5EFBCB0E16B',617,1795543021651,1795543021742);
INSERT INTO "objects" VALUES(X'131C767D8B920AFCBDD203613A0D768E4CEC601E7D392831A4FB5CB1BFFC6E79',3915,1795543021662,1795543021662);
INSERT INTO "objects" VALUES(X'2D374738132290C2697DBC07B2A4A8A9112661E72123F1681EB5E6BA88BDCC66',617,1795543021662,1795543021731);
INSERT INTO "objects" VALUES(X'5F1FF42713B8C3FB4713F382BD80A76F077D361D25F42A66FD91E6F3F5B724BD',49192,1795543021662,1795543021662);
INSERT INTO "objects" VALUES(X'0DA85129DEA696745B002F5964350547FA3D5119C1C6A49B3D639434333AC316',617,1795543021670,1795543021670);
INSERT INTO "objects" VALUES(X'243912CFF3E373167E428E05032084AB1C61CC1C91EFC83C30C1B1FB66D4E86C',384,1795543021670,1795543021670);
INSERT INTO "objects" VALUES(X'5211CBED62FBDEC4614547477D2CE819E50806B3A71E0924068044D7ED12466B',3751,1795543021670,1795543021670);
INSERT INTO "objects" VALUES(X'F582513C5D5B7BBE80F57E925E3308BA20FD5C14EB341A6EFEBF9A6D2CFC96A5',213,1795543021692,1795543021692);
INSERT INTO "objects" VALUES(X'55E86F1ADADD84ADC6614EDFA2D9AC788AA9DC0BB36C7C153F31D81308A3C405',4872,1795543021719,1795543021719);
INSERT INTO "objects" VALUES(X'FB9A076B3DA95B3FE02902ED55E65DA0A2EC893297EA20456D50F06EC2B77A2D',29632,1795543021719,1795543021719);
INSERT INTO "objects" VALUES(X'213106FED6878F14B40056D0607B4105F9A369557D71A87DC50C80CC608BC558',4041,1795543021731,1795543021731);
INSERT INTO "objects" VALUES(X'396B5D73FA7DBE57BE49CF0D58B3FE8F1D37FB2F0A374A9FC24E0387F5629BF0',13352,1795543021731,1795543021731);
INSERT INTO "objects" VALUES(X'0B048FC13D537685209D494D96DAB183BFABF48DDACE9E4603A4CC35AB986763',8768,1795543021742,1795543021742);
INSERT INTO "objects" VALUES(X'A81EE968A61C56AB1185CF95BE813F13F0397A024C02535862A1C98034E6FE2D',4700,1795543021742,1795543021742);
CREATE TABLE projects (
    id blob not null primary key,
    name text not null unique,
    created_at integer not null
) strict;
INSERT INTO "projects" VALUES(X'01A20EB4383F7445AD7BC1D34822A562','default',1795543021631);
CREATE TABLE revision_files (
    revision_id blob not null references revisions (id),
    ordinal integer not null,
    path text not null,
    sha256 blob not null references objects (sha256),
    size_bytes integer not null check (size_bytes >= 0),
    crc32 integer not null check (crc32 between 0 and 4294967295),
    primary key (revision_id, ordinal),
    unique (revision_id, path)
) strict;
INSERT INTO "revision_files" VALUES(X'01A20EB43853753291D69F6690FF1861',0,'Data/com.apple.CoreML/model.mlmodel',X'64BE93DFFE6BD8E2368C72EDAFA706C89C3B5B03CC45DAB3AD7F3EEECC0E3FBA',4476,3981426484);
INSERT INTO "revision_files" VALUES(X'01A20EB43853753291D69F6690FF1861',1,'Data/com.apple.CoreML/weights/weight.bin',X'7A8E5A3CE3148232A66A157F4AF5EBCB98F1CF36448F1036C3590E2DF52429C9',104768,4133178267);
INSERT INTO "revision_files" VALUES(X'01A20EB43853753291D69F6690FF1861',2,'Manifest.json',X'E7B9DE4C521A4CC8703102D86362528F848DF5681A763566E18DD5EFBCB0E16B',617,1800025543);
INSERT INTO "revision_files" VALUES(X'01A20EB4385E76FD8E12EDDA74511BC6',0,'Data/com.apple.CoreML/model.mlmodel',X'131C767D8B920AFCBDD203613A0D768E4CEC601E7D392831A4FB5CB1BFFC6E79',3915,3876809339);
INSERT INTO "revision_files" VALUES(X'01A20EB4385E76FD8E12EDDA74511BC6',1,'Data/com.apple.CoreML/weights/weight.bin',X'5F1FF42713B8C3FB4713F382BD80A76F077D361D25F42A66FD91E6F3F5B724BD',49192,559638099);
INSERT INTO "revision_files" VALUES(X'01A20EB4385E76FD8E12EDDA74511BC6',2,'Manifest.json',X'2D374738132290C2697DBC07B2A4A8A9112661E72123F1681EB5E6BA88BDCC66',617,1239098031);
INSERT INTO "revision_files" VALUES(X'01A20EB43866777FB7EB40549DA4C2B0',0,'Data/com.apple.CoreML/model.mlmodel',X'5211CBED62FBDEC4614547477D2CE819E50806B3A71E0924068044D7ED12466B',3751,3107870303);
INSERT INTO "revision_files" VALUES(X'01A20EB43866777FB7EB40549DA4C2B0',1,'Data/com.apple.CoreML/weights/weight.bin',X'243912CFF3E373167E428E05032084AB1C61CC1C91EFC83C30C1B1FB66D4E86C',384,3440333722);
INSERT INTO "revision_files" VALUES(X'01A20EB43866777FB7EB40549DA4C2B0',2,'Manifest.json',X'0DA85129DEA696745B002F5964350547FA3D5119C1C6A49B3D639434333AC316',617,4229879130);
INSERT INTO "revision_files" VALUES(X'01A20EB4387C7519AD9CC44629E4D594',0,'model.mlmodel',X'F582513C5D5B7BBE80F57E925E3308BA20FD5C14EB341A6EFEBF9A6D2CFC96A5',213,3024403163);
INSERT INTO "revision_files" VALUES(X'01A20EB4389775BCB7F138F28EB3BCB1',0,'Data/com.apple.CoreML/model.mlmodel',X'55E86F1ADADD84ADC6614EDFA2D9AC788AA9DC0BB36C7C153F31D81308A3C405',4872,2277630762);
INSERT INTO "revision_files" VALUES(X'01A20EB4389775BCB7F138F28EB3BCB1',1,'Data/com.apple.CoreML/weights/weight.bin',X'FB9A076B3DA95B3FE02902ED55E65DA0A2EC893297EA20456D50F06EC2B77A2D',29632,84130832);
INSERT INTO "revision_files" VALUES(X'01A20EB4389775BCB7F138F28EB3BCB1',2,'Manifest.json',X'E7B9DE4C521A4CC8703102D86362528F848DF5681A763566E18DD5EFBCB0E16B',617,1800025543);
INSERT INTO "revision_files" VALUES(X'01A20EB438A375BD92134C86CEA74D51',0,'Data/com.apple.CoreML/model.mlmodel',X'213106FED6878F14B40056D0607B4105F9A369557D71A87DC50C80CC608BC558',4041,3997250190);
INSERT INTO "revision_files" VALUES(X'01A20EB438A375BD92134C86CEA74D51',1,'Data/com.apple.CoreML/weights/weight.bin',X'396B5D73FA7DBE57BE49CF0D58B3FE8F1D37FB2F0A374A9FC24E0387F5629BF0',13352,2438283479);
INSERT INTO "revision_files" VALUES(X'01A20EB438A375BD92134C86CEA74D51',2,'Manifest.json',X'2D374738132290C2697DBC07B2A4A8A9112661E72123F1681EB5E6BA88BDCC66',617,1239098031);
INSERT INTO "revision_files" VALUES(X'01A20EB438AE758BBF9B7F70104D86CF',0,'Data/com.apple.CoreML/model.mlmodel',X'A81EE968A61C56AB1185CF95BE813F13F0397A024C02535862A1C98034E6FE2D',4700,1497415420);
INSERT INTO "revision_files" VALUES(X'01A20EB438AE758BBF9B7F70104D86CF',1,'Data/com.apple.CoreML/weights/weight.bin',X'0B048FC13D537685209D494D96DAB183BFABF48DDACE9E4603A4CC35AB986763',8768,1087432630);
INSERT INTO "revision_files" VALUES(X'01A20EB438AE758BBF9B7F70104D86CF',2,'Manifest.json',X'E7B9DE4C521A4CC8703102D86362528F848DF5681A763566E18DD5EFBCB0E16B',617,1800025543);
CREATE TABLE revision_tags (
    revision_id blob not null references revisions (id),
    key text not null,
    value text not null,
    primary key (revision_id, key)
) strict;
INSERT INTO "revision_tags" VALUES(X'01A20EB43853753291D69F6690FF1861','branch','main');
INSERT INTO "revision_tags" VALUES(X'01A20EB43853753291D69F6690FF1861','commit','0a1b2c');
INSERT INTO "revision_tags" VALUES(X'01A20EB4385E76FD8E12EDDA74511BC6','branch','main');
INSERT INTO "revision_tags" VALUES(X'01A20EB4385E76FD8E12EDDA74511BC6','commit','0a1b2c');
INSERT INTO "revision_tags" VALUES(X'01A20EB43866777FB7EB40549DA4C2B0','branch','main');
INSERT INTO "revision_tags" VALUES(X'01A20EB43866777FB7EB40549DA4C2B0','commit','0a1b2c');
CREATE TABLE revisions (
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
INSERT INTO "revisions" VALUES(X'01A20EB43853753291D69F6690FF1861',X'01A20EB4383F7445AD7BC1D34822A562',X'01A20EB4384B74B1A400184BA69FCD9D',X'9FC300DDBBE9237A01F2FA629FF1E84D61906A9CDC7185531EAE78E6DAD8BBCC',X'473B72706E8A7435F4539B0C4DFC5C3CE656C198CCF7F607B05028DABE457D54','mlpackage','gestures',109861,NULL,NULL,NULL,'{"branch":"main","commit":"0a1b2c"}','','{"kind":"mlpackage","model_type":"mlProgram","specification_version":6,"digest":"sha256:9fc300ddbbe9237a01f2fa629ff1e84d61906a9cdc7185531eae78e6dad8bbcc","content_digest":"sha256:473b72706e8a7435f4539b0c4dfc5c3ce656c198ccf7f607b05028dabe457d54","size_bytes":109861,"requires":{"ios":"iOS15","macos":"macOS12","opset":"CoreML5"},"metadata":{"com.github.apple.coremltools.source":"milinternal","com.github.apple.coremltools.version":"9.0"},"functions":[{"name":"main","default":true,"inputs":[{"name":"x","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false}],"outputs":[{"name":"prelu","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false},{"name":"elu","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false},{"name":"lrelu","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false},{"name":"softplus","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false},{"name":"erf","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false},{"name":"clip","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false},{"name":"gelu_sig","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false}],"states":[],"op_counts":{"add":1,"clip":1,"const":17,"elu":1,"erf":1,"expand_dims":1,"gelu":2,"layer_norm":1,"leaky_relu":1,"linear":2,"prelu":1,"softplus":1,"squeeze":1},"weights":[{"name":"layer_norm_0_gamma_0","shape":[64],"dtype":"float32","representation":"float32","bytes":256,"users":["layer_norm"]},{"name":"layer_norm_0_beta_0","shape":[64],"dtype":"float32","representation":"float32","bytes":256,"users":["layer_norm"]},{"name":"linear_0_weight_0","shape":[200,64],"dtype":"float32","representation":"float32","bytes":51200,"users":["linear"]},{"name":"linear_0_bias_0","shape":[200],"dtype":"float32","representation":"float32","bytes":800,"users":["linear"]},{"name":"linear_1_weight_0","shape":[64,200],"dtype":"float32","representation":"float32","bytes":51200,"users":["linear"]},{"name":"linear_1_bias_0","shape":[64],"dtype":"float32","representation":"float32","bytes":256,"users":["linear"]},{"name":"prelu_0_alpha_0","shape":[64],"dtype":"float32","representation":"float32","bytes":256,"users":["prelu"]}]}],"pipeline":[],"parameters":26056}',1795543021651,1795543021651,NULL);
INSERT INTO "revisions" VALUES(X'01A20EB4385E76FD8E12EDDA74511BC6',X'01A20EB4383F7445AD7BC1D34822A562',X'01A20EB4385774C6928B2D33D2C552DA',X'97BA10CEE0AC015696F5BCAA02F654F6922C8DDC4C7661ED49F960BAEFE530DD',X'BBF0F56CC9F1DD4D54E71461AA1C2274137BF1A1FED24D5B1A65842610EFA7BB','mlpackage','counter',53724,NULL,NULL,NULL,'{"branch":"main","commit":"0a1b2c"}','with a ''quote'' and a
line','{"kind":"mlpackage","model_type":"mlProgram","specification_version":8,"digest":"sha256:97ba10cee0ac015696f5bcaa02f654f6922c8ddc4c7661ed49f960baefe530dd","content_digest":"sha256:bbf0f56cc9f1dd4d54e71461aa1c2274137bf1a1fed24d5b1a65842610efa7bb","size_bytes":53724,"requires":{"ios":"iOS17","macos":"macOS14","opset":"CoreML7"},"metadata":{"com.github.apple.coremltools.source":"milinternal","com.github.apple.coremltools.version":"9.0"},"functions":[{"name":"main","default":true,"inputs":[{"name":"ids","kind":"multi_array","dtype":"int32","shape":[1,6],"flexibility":"fixed","optional":false}],"outputs":[{"name":"logits","kind":"multi_array","dtype":"float32","shape":[1,6,500],"flexibility":"fixed","optional":false}],"states":[],"op_counts":{"add":1,"cast":4,"const":14,"cumsum":1,"gather":1,"greater_equal":1,"linear":1,"select":1,"tanh":1},"weights":[{"name":"gather_0_x_0_to_fp16","shape":[500,48],"dtype":"float16","representation":"float16","bytes":48000,"users":["gather","linear"]},{"name":"logits_bias_0_to_fp16","shape":[500],"dtype":"float16","representation":"float16","bytes":1000,"users":["linear"]}]}],"pipeline":[],"parameters":24500}',1795543021662,1795543021675,NULL);
INSERT INTO "revisions" VALUES(X'01A20EB43866777FB7EB40549DA4C2B0',X'01A20EB4383F7445AD7BC1D34822A562',X'01A20EB43861738F8D047103B3EF1E7C',X'A106095054898E58A23A0A24BC7E6FDC641E20ED63D98BF21004F53971F04EC2',X'2547AAB42785C07C23FADF185A0492331C69740609425D29D1F5F00161E22965','mlpackage','digits',4752,NULL,NULL,NULL,'{"branch":"main","commit":"0a1b2c"}','','{"kind":"mlpackage","model_type":"mlProgram","specification_version":6,"digest":"sha256:a106095054898e58a23a0a24bc7e6fdc641e20ed63d98bf21004f53971f04ec2","content_digest":"sha256:2547aab42785c07c23fadf185a0492331c69740609425d29d1f5f00161e22965","size_bytes":4752,"requires":{"ios":"iOS15","macos":"macOS12","opset":"CoreML5"},"metadata":{"com.github.apple.coremltools.source":"milinternal","com.github.apple.coremltools.version":"9.0"},"functions":[{"name":"main","default":true,"inputs":[{"name":"x","kind":"multi_array","dtype":"float32","shape":[1,8],"flexibility":"fixed","optional":false},{"name":"limit","kind":"multi_array","dtype":"float32","shape":[1],"flexibility":"fixed","optional":false}],"outputs":[{"name":"v","kind":"multi_array","dtype":"float32","shape":[1,8],"flexibility":"fixed","optional":false},{"name":"steps","kind":"multi_array","dtype":"float32","shape":[1],"flexibility":"fixed","optional":false}],"states":[],"op_counts":{"add":2,"cond":1,"const":12,"equal":1,"expand_dims":1,"identity":1,"less":2,"linear":1,"logical_and":1,"mod":1,"mul":2,"reduce_l2_norm":1,"squeeze":1,"sub":1,"while_loop":1},"weights":[{"name":"linear_0_weight_0","shape":[8,8],"dtype":"float32","representation":"float32","bytes":256,"users":["linear"]}]}],"pipeline":[],"parameters":64}',1795543021670,1795543021670,NULL);
INSERT INTO "revisions" VALUES(X'01A20EB4387C7519AD9CC44629E4D594',X'01A20EB4383F7445AD7BC1D34822A562',X'01A20EB43879701EB3BB3DBC413EE758',X'F582513C5D5B7BBE80F57E925E3308BA20FD5C14EB341A6EFEBF9A6D2CFC96A5',X'35C92E5A8882B9C875E6F22FDFF54344176D1BECC67EEE16E5BF5E871F46D0C4','mlmodel','line',213,NULL,NULL,NULL,'{}','','{"kind":"mlmodel","model_type":"glmClassifier","specification_version":1,"digest":"sha256:f582513c5d5b7bbe80f57e925e3308ba20fd5c14eb341a6efebf9a6d2cfc96a5","content_digest":"sha256:35c92e5a8882b9c875e6f22fdff54344176d1becc67eee16e5bf5e871f46d0c4","size_bytes":213,"requires":{"ios":"iOS11","macos":"macOS10.13","opset":null},"metadata":{},"functions":[],"pipeline":[],"parameters":0}',1795543021692,1795543021692,NULL);
INSERT INTO "revisions" VALUES(X'01A20EB4389775BCB7F138F28EB3BCB1',X'01A20EB4383F7445AD7BC1D34822A562',X'01A20EB4384B74B1A400184BA69FCD9D',X'E9699917F63BCF6D3AE73B284091B892CEE829B7E980A814E4A4BB3319FD9B26',X'19B9EA2F76DCE25FE2C2C56F9F6C6478299AA0450251FC5D5BD9E7FB01F1AB2D','mlpackage','gestures',35121,X'01A20EB43853753291D69F6690FF1861','{"name":"int8","digest":"sha256:a71074819e3a27067b1ac1f23d2dbc53e3f166783e6735f583ae30a8d8e040c4","config":{"description":"8-bit integers, symmetric, one scale per output channel","name":"int8","options":{"compat":"mended"},"steps":[{"config_type":"OpLinearQuantizerConfig","global_config":{"block_size":32,"config_type":"OpLinearQuantizerConfig","dtype":"int8","granularity":"per_channel","mode":"linear_symmetric","weight_threshold":2048},"op_name_configs":{},"op_type_configs":{}}]}}',X'01A20EB4387273B69426E2A70F17535D','{}','','{"kind":"mlpackage","model_type":"mlProgram","specification_version":7,"digest":"sha256:e9699917f63bcf6d3ae73b284091b892cee829b7e980a814e4a4bb3319fd9b26","content_digest":"sha256:19b9ea2f76dce25fe2c2c56f9f6c6478299aa0450251fc5d5bd9e7fb01f1ab2d","size_bytes":35121,"requires":{"ios":"iOS16","macos":"macOS13","opset":"CoreML6"},"metadata":{"com.github.apple.coremltools.source":"milinternal","com.github.apple.coremltools.version":"9.0"},"functions":[{"name":"main","default":true,"inputs":[{"name":"x","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false}],"outputs":[{"name":"prelu","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false},{"name":"elu","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false},{"name":"lrelu","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false},{"name":"softplus","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false},{"name":"erf","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false},{"name":"clip","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false},{"name":"gelu_sig","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false}],"states":[],"op_counts":{"add":1,"clip":1,"const":15,"constexpr_affine_dequantize":2,"elu":1,"erf":1,"expand_dims":1,"gelu":2,"layer_norm":1,"leaky_relu":1,"linear":2,"prelu":1,"softplus":1,"squeeze":1},"weights":[{"name":"layer_norm_0_gamma_0","shape":[64],"dtype":"float32","representation":"float32","bytes":256,"users":["layer_norm"]},{"name":"layer_norm_0_beta_0","shape":[64],"dtype":"float32","representation":"float32","bytes":256,"users":["layer_norm"]},{"name":"linear_0_weight_0","shape":[200,64],"dtype":"float32","representation":"int8 affine","bytes":13804,"users":["linear"]},{"name":"linear_0_bias_0","shape":[200],"dtype":"float32","representation":"float32","bytes":800,"users":["linear"]},{"name":"linear_1_weight_0","shape":[64,200],"dtype":"float32","representation":"int8 affine","bytes":13124,"users":["linear"]},{"name":"linear_1_bias_0","shape":[64],"dtype":"float32","representation":"float32","bytes":256,"users":["linear"]},{"name":"prelu_0_alpha_0","shape":[64],"dtype":"float32","representation":"float32","bytes":256,"users":["prelu"]}]}],"pipeline":[],"parameters":26056}',1795543021719,1795543021719,NULL);
INSERT INTO "revisions" VALUES(X'01A20EB438A375BD92134C86CEA74D51',X'01A20EB4383F7445AD7BC1D34822A562',X'01A20EB4385774C6928B2D33D2C552DA',X'934DD01396B158C643E68017EF586059D9A564E53F5EF7F997B89AF469363FCC',X'F806388C2C09B6C2C76A45392423F459D5DC98D612A51689F7C4F6A470D24CD1','mlpackage','counter',18010,X'01A20EB4385E76FD8E12EDDA74511BC6','{"name":"palettize-4","digest":"sha256:e909d11d041a4b870b656f2d8130d63e4ed8af658c8d7ef855ab439cabd7cc7e","config":{"description":"4-bit look-up table by k-means, one table per weight","name":"palettize-4","options":{"compat":"mended"},"steps":[{"config_type":"OpPalettizerConfig","global_config":{"channel_axis":null,"cluster_dim":1,"config_type":"OpPalettizerConfig","enable_per_channel_scale":false,"granularity":"per_tensor","group_size":32,"mode":"kmeans","nbits":4,"num_kmeans_workers":1,"weight_threshold":2048},"op_name_configs":{},"op_type_configs":{}}]}}',X'01A20EB438757147AD49765146513E39','{}','','{"kind":"mlpackage","model_type":"mlProgram","specification_version":8,"digest":"sha256:934dd01396b158c643e68017ef586059d9a564e53f5ef7f997b89af469363fcc","content_digest":"sha256:f806388c2c09b6c2c76a45392423f459d5dc98d612a51689f7c4f6a470d24cd1","size_bytes":18010,"requires":{"ios":"iOS17","macos":"macOS14","opset":"CoreML7"},"metadata":{"com.github.apple.coremltools.source":"milinternal","com.github.apple.coremltools.version":"9.0"},"functions":[{"name":"main","default":true,"inputs":[{"name":"ids","kind":"multi_array","dtype":"int32","shape":[1,6],"flexibility":"fixed","optional":false}],"outputs":[{"name":"logits","kind":"multi_array","dtype":"float32","shape":[1,6,500],"flexibility":"fixed","optional":false}],"states":[],"op_counts":{"add":1,"cast":4,"const":13,"constexpr_lut_to_dense":1,"cumsum":1,"gather":1,"greater_equal":1,"linear":1,"select":1,"tanh":1},"weights":[{"name":"gather_0_x_0_to_fp16","shape":[500,48],"dtype":"float16","representation":"4-bit palette","bytes":12040,"users":["gather","linear"]},{"name":"logits_bias_0_to_fp16","shape":[500],"dtype":"float16","representation":"float16","bytes":1000,"users":["linear"]}]}],"pipeline":[],"parameters":24500}',1795543021731,1795543021731,NULL);
INSERT INTO "revisions" VALUES(X'01A20EB438AE758BBF9B7F70104D86CF',X'01A20EB4383F7445AD7BC1D34822A562',X'01A20EB4384B74B1A400184BA69FCD9D',X'D15BB91025A33E92AFB97BBFBFACB7FDA6EAFF908B9D18BCA8D6272347DE2A6B',X'254B5D3E9D8FA81AF1570EB1BEA230C1F15FF736C30721AA3A608459A00E9439','mlpackage','gestures',14085,X'01A20EB43853753291D69F6690FF1861','{"name":"palettize-2","digest":"sha256:dcb7e9269a26b49fc12c4d4ac1788b9f3a92788edaf078e254ddb0d2836be100","config":{"description":"2-bit look-up table by k-means, one table per weight","name":"palettize-2","options":{"compat":"mended"},"steps":[{"config_type":"OpPalettizerConfig","global_config":{"channel_axis":null,"cluster_dim":1,"config_type":"OpPalettizerConfig","enable_per_channel_scale":false,"granularity":"per_tensor","group_size":32,"mode":"kmeans","nbits":2,"num_kmeans_workers":1,"weight_threshold":2048},"op_name_configs":{},"op_type_configs":{}}]}}',X'01A20EB438777465B07D46EC662753E1','{}','','{"kind":"mlpackage","model_type":"mlProgram","specification_version":7,"digest":"sha256:d15bb91025a33e92afb97bbfbfacb7fda6eaff908b9d18bca8d6272347de2a6b","content_digest":"sha256:254b5d3e9d8fa81af1570eb1bea230c1f15ff736c30721aa3a608459a00e9439","size_bytes":14085,"requires":{"ios":"iOS16","macos":"macOS13","opset":"CoreML6"},"metadata":{"com.github.apple.coremltools.source":"milinternal","com.github.apple.coremltools.version":"9.0"},"functions":[{"name":"main","default":true,"inputs":[{"name":"x","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false}],"outputs":[{"name":"prelu","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false},{"name":"elu","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false},{"name":"lrelu","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false},{"name":"softplus","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false},{"name":"erf","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false},{"name":"clip","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false},{"name":"gelu_sig","kind":"multi_array","dtype":"float32","shape":[3,64],"flexibility":"fixed","optional":false}],"states":[],"op_counts":{"add":1,"clip":1,"const":15,"constexpr_lut_to_dense":2,"elu":1,"erf":1,"expand_dims":1,"gelu":2,"layer_norm":1,"leaky_relu":1,"linear":2,"prelu":1,"softplus":1,"squeeze":1},"weights":[{"name":"layer_norm_0_gamma_0","shape":[64],"dtype":"float32","representation":"float32","bytes":256,"users":["layer_norm"]},{"name":"layer_norm_0_beta_0","shape":[64],"dtype":"float32","representation":"float32","bytes":256,"users":["layer_norm"]},{"name":"linear_0_weight_0","shape":[200,64],"dtype":"float32","representation":"2-bit palette","bytes":3224,"users":["linear"]},{"name":"linear_0_bias_0","shape":[200],"dtype":"float32","representation":"float32","bytes":800,"users":["linear"]},{"name":"linear_1_weight_0","shape":[64,200],"dtype":"float32","representation":"2-bit palette","bytes":3224,"users":["linear"]},{"name":"linear_1_bias_0","shape":[64],"dtype":"float32","representation":"float32","bytes":256,"users":["linear"]},{"name":"prelu_0_alpha_0","shape":[64],"dtype":"float32","representation":"float32","bytes":256,"users":["prelu"]}]}],"pipeline":[],"parameters":26056}',1795543021742,1795543021742,NULL);
CREATE TABLE tokens (
    id blob not null primary key,
    hash blob not null unique,
    name text not null,
    scope text not null check (scope in ('reader', 'writer', 'admin')),
    project_id blob references projects (id),
    created_at integer not null,
    last_used_at integer,
    revoked_at integer
) strict;
INSERT INTO "tokens" VALUES(X'01A20EB4384071709D535FE1AE26284C',X'6185D4F21D8D632718BA4CF8C04CC85374E08CCEAAAE35C5B1DB960A683EAB6F','first token','admin',NULL,1795543021632,1795543021643,NULL);
INSERT INTO "tokens" VALUES(X'01A20EB4386D77C08F82F04D8D0FBF46',X'B6BA259AA3FABEF96AD2B43B5881191F61D9C833CEAFA58C28514B56B53E8A93','ci','writer',NULL,1795543021677,NULL,NULL);
INSERT INTO "tokens" VALUES(X'01A20EB4386F73229996517BB5096233',X'B3F4CCFBCBA6B76A00ADA534E2C30AEBBEC1C2BC32029CA232491A1A1D7B386C','old laptop','reader',NULL,1795543021679,NULL,1795543021680);
CREATE UNIQUE INDEX models_name on models (project_id, name) where deleted_at is null;
CREATE UNIQUE INDEX revisions_digest on revisions (model_id, digest) where deleted_at is null;
CREATE INDEX revisions_content on revisions (model_id, content_digest);
CREATE INDEX revisions_parent on revisions (parent_id) where parent_id is not null;
CREATE INDEX revision_files_object on revision_files (sha256);
CREATE INDEX revision_tags_value on revision_tags (key, value);
CREATE INDEX aliases_revision on aliases (revision_id);
CREATE INDEX jobs_queued on jobs (priority desc, run_after, id) where state = 'queued';
CREATE INDEX jobs_project on jobs (project_id, id);
CREATE INDEX jobs_revision on jobs (revision_id);
CREATE INDEX jobs_model on jobs (model_id);
CREATE UNIQUE INDEX attempts_one_lease on attempts (job_id) where state = 'leased';
CREATE INDEX attempts_lease on attempts (lease_expires_at) where state = 'leased';
CREATE INDEX measurements_revision on measurements (revision_id, metric, id);
CREATE INDEX measurements_model on measurements (model_id, metric, id);
CREATE INDEX idempotency_keys_age on idempotency_keys (created_at);
COMMIT;
