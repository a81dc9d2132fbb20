-- migrate:up
-- What portals hand over: one application under each of their references, and their papers.

-- A portal's own rows; its jobs act for it and for no other.
create function core.client_table(t regclass) returns void language plpgsql as $$
begin
  insert into core.table_class values (t::text, 'directory');
  execute format('alter table %s enable row level security', t);
  execute format('alter table %s force row level security', t);
  execute format('create policy client_works on %s to portal, worker'
                 ' using (client_id = core.client()) with check (client_id = core.client())', t);
  execute format('create policy desk_reads on %s for select to desk'
                 ' using (core.staff() is not null)', t);
  execute format('create policy owner_maintains on %s to owner using (true) with check (true)', t);
  execute format('create policy verify_reads on %s for select to verify using (true)', t);
  execute format('grant select, insert, update on %s to portal, worker', t);
  execute format('grant select on %s to desk, verify', t);
end $$;

create table onboarding.handovers (
  client_id uuid not null,
  client_reference text not null collate "C",
  business_id uuid,
  application_id uuid,
  handed_at timestamptz not null,
  primary key (client_id, client_reference),
  constraint a_handover_leads_to_a_firms_application
    check ((business_id is null) = (application_id is null))
);
create unique index handovers_by_application on onboarding.handovers (client_id, application_id);
select core.client_table('onboarding.handovers');

-- Papers that a portal has sent ahead, kept for some days until an application takes them over.
create table onboarding.portal_papers (
  client_id uuid not null,
  id uuid not null,
  file_id uuid not null,
  media_type text not null,
  size_bytes int not null,
  sha256 bytea not null,
  sent_at timestamptz not null,
  expires_at timestamptz not null,
  shredded_at timestamptz,
  primary key (client_id, id),
  constraint paper_hash_is_a_sha256 check (octet_length(sha256) = 32),
  constraint a_paper_is_kept_for_a_while check (expires_at > sent_at)
);
create index portal_papers_by_term on onboarding.portal_papers (expires_at)
  where shredded_at is null;
select core.client_table('onboarding.portal_papers');

-- Papers wait under the portal's own id, where no firm is; a copy goes to the firm that is taken in.
create policy portal_keeps_papers on files.files to portal
  using (business_id = core.client() or exists (
    select from onboarding.applications a
    where a.business_id = files.business_id and a.client_id = core.client()))
  with check (business_id = core.client() or exists (
    select from onboarding.applications a
    where a.business_id = files.business_id and a.client_id = core.client()));
grant select, insert on files.files to portal;

-- Papers whose term is over, of all portals, for the clock: their content is removed afterwards.
create function onboarding.expire_papers(p_now timestamptz, p_most int)
  returns table (file_id uuid) language sql
  security definer set search_path = pg_catalog, pg_temp
begin atomic
  update onboarding.portal_papers p set shredded_at = p_now
  where (p.client_id, p.id) in (
    select q.client_id, q.id from onboarding.portal_papers q
    where q.shredded_at is null and q.expires_at <= p_now
    order by q.expires_at limit p_most for update skip locked)
  returning p.file_id;
end;
revoke execute on function onboarding.expire_papers from public;
grant execute on function onboarding.expire_papers to nightly;

-- migrate:down
-- forward only
