-- Browsers that are signed in. What is kept of a session's secret is its SHA-256; revoking the token ends its sessions.
create table sessions (
    hash blob not null primary key,
    token_id blob not null references tokens (id),
    created_at integer not null,
    last_used_at integer not null,
    expires_at integer not null
) strict;
create index sessions_age on sessions (expires_at);

-- Codes that sign a browser in once, without typing a token: for the address that a demonstration prints.
create table sign_in_codes (
    hash blob not null primary key,
    token_id blob not null references tokens (id),
    expires_at integer not null
) strict;
