-- migrate:up
-- The directory of firms, seen from a session that acts for one: its own line and no other.
-- Sessions without a firm (sign-in, jobs over all firms) read the whole; so does `verify`.

drop policy anyone_reads on identity.business_directory;
create policy firm_reads_its_own on identity.business_directory for select
  to app, portal, desk, worker
  using (core.business() is null or business_id = core.business());
create policy verify_reads on identity.business_directory for select to verify using (true);
drop policy desk_writes on identity.business_directory;
create policy desk_writes_where_it_has_opened on identity.business_directory for update to desk
  using (core.staff() is not null and business_id = core.business())
  with check (core.staff() is not null and business_id = core.business());

-- Whether a credit code belongs to a firm here is all that another firm's work may learn.
create function identity.code_is_taken(p_uscc text) returns boolean language sql stable
  security definer set search_path = pg_catalog, pg_temp
begin atomic
  select exists (select from identity.business_directory where uscc = p_uscc);
end;
revoke execute on function identity.code_is_taken from public;
grant execute on function identity.code_is_taken to app, portal, desk, worker;

-- migrate:down
-- forward only
