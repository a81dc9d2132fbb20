-- migrate:up
-- Stored files: what they are; the encrypted content lies on disk under its file id.

create schema files;
grant usage on schema files to app, portal, desk, worker, verify;

create table files.files (
  business_id uuid not null,
  id uuid not null,
  kind text not null,
  name_sealed bytea not null,
  media_type text not null,
  size_bytes int not null,
  sha256 bytea not null,
  keep_until date not null,
  stored_by text not null,
  stored_at timestamptz not null,
  primary key (business_id, id),
  constraint size_is_within_the_limit check (size_bytes between 1 and 20000000),
  constraint hash_is_a_sha256 check (octet_length(sha256) = 32)
);
select core.tenant_table('files.files');
select core.desk_reads('files.files');
create trigger files_do_not_change before update or delete on files.files
  for each row execute function core.refuse_change();

-- migrate:down
-- forward only
