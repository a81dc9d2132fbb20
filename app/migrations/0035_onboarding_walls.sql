-- migrate:up
-- Who may look into onboarding's directories, and what nobody has acted on for too long.

-- Whether another firm banks here is nobody's business: a firm sees its own line only.
alter table onboarding.basic_accounts enable row level security;
alter table onboarding.basic_accounts force row level security;
create policy firm_sees_its_own on onboarding.basic_accounts for select to app, portal
  using (business_id = core.business());
create policy bank_sees_all on onboarding.basic_accounts for select to desk, worker, verify
  using (true);
create policy worker_opens on onboarding.basic_accounts for insert to worker
  with check (business_id = core.business());
create policy owner_maintains on onboarding.basic_accounts to owner using (true) with check (true);

-- Marks are left and compared by the checks alone.
revoke select, insert on onboarding.opening_marks from app, portal, desk;

-- Applications whose applicant or visitor let their term pass, for the clock: oldest first.
create index applications_by_term on onboarding.applications (due_at)
  where state in ('draft', 'returned', 'approved');
create function onboarding.lapsed_applications(p_now timestamptz, p_most int)
  returns table (business_id uuid, application_id uuid) language sql stable
  security definer set search_path = pg_catalog, pg_temp
begin atomic
  select a.business_id, a.id from onboarding.applications a
  where a.state in ('draft', 'returned', 'approved') and a.due_at <= p_now
  order by a.due_at limit p_most;
end;
revoke execute on function onboarding.lapsed_applications from public;
grant execute on function onboarding.lapsed_applications to nightly;

-- migrate:down
-- forward only
