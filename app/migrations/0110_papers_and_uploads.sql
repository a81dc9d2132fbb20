-- migrate:up
-- What arrived and what is kept of it; uploads that go on where a phone's line was cut off.

-- A picture is drawn anew: the hash of what arrived stays as evidence.
alter table files.files add column received_sha256 bytea;
alter table files.files add constraint received_hash_is_a_sha256
  check (received_sha256 is null or octet_length(received_sha256) = 32);

create table files.uploads (
  business_id uuid not null,
  id uuid not null,
  kind text not null,
  name_sealed bytea not null,
  size_bytes int not null,
  part_bytes int not null,
  sha256 bytea not null,
  received_parts int not null default 0,
  state text not null default 'open',
  refused_with text,
  file_id uuid,
  begun_by text not null,
  begun_at timestamptz not null,
  expires_at timestamptz not null,
  primary key (business_id, id),
  constraint upload_is_within_the_limit check (size_bytes between 1 and 20000000),
  constraint a_part_has_a_size check (part_bytes between 1024 and 1048576),
  constraint upload_hash_is_a_sha256 check (octet_length(sha256) = 32),
  constraint parts_are_those_of_the_size
    check (received_parts between 0 and (size_bytes + part_bytes - 1) / part_bytes),
  constraint upload_state_is_known check (state in ('open', 'done', 'refused', 'expired')),
  constraint a_finished_upload_is_a_file check ((state = 'done') = (file_id is not null)),
  constraint an_uploaded_file_belongs_to_the_firm foreign key (business_id, file_id)
    references files.files (business_id, id)
);
select core.tenant_table('files.uploads');
create index uploads_by_term on files.uploads (expires_at) where state = 'open';

-- What nobody went on with, over all firms, for the clock: closed first, its parts removed after.
create function files.expire_uploads(p_now timestamptz, p_most int)
  returns table (upload_id uuid, parts int) language sql
  security definer set search_path = pg_catalog, pg_temp
begin atomic
  update files.uploads u set state = 'expired'
  where (u.business_id, u.id) in (
    select v.business_id, v.id from files.uploads v
    where v.state = 'open' and v.expires_at <= p_now
    order by v.expires_at limit p_most for update skip locked)
  returning u.id, u.received_parts;
end;
revoke execute on function files.expire_uploads from public;
grant usage on schema files to nightly;
grant execute on function files.expire_uploads to nightly;

-- migrate:down
-- forward only
