-- migrate:up
-- The reviewers' queue in full: its clock, who is assigned, what waits for the applicant, whose
-- firm is too near, who is away, and what was late.

insert into accounts.policies (kind, valid, value, source) values
  ('onboarding.reviews', '[2018-01-01,)',
   '{"lease_minutes": 15, "opens_minute": 540, "closes_minute": 1050, "high_risk_from": 40,
     "high_risk_minutes": 120, "usual_minutes": 240, "soon_minutes": 60, "answer_days": 5,
     "claims_at_most": 20, "central_branch": "0000"}',
   'bank policy: a risky case is decided within two working hours, others within four; work is
    from 9:00 to 17:30 on working days; a firm has five days to hand in a document it is asked for');

alter table onboarding.reviews
  add column account_class text not null default 'basic',
  add column assigned_to uuid,
  add column assigned_by uuid,
  add column waiting_since timestamptz,
  add column minutes_left int,
  add column escalated_at timestamptz,
  add column people_marks bytea[] not null default '{}',
  add constraint an_assignment_is_somebodys check ((assigned_to is null) = (assigned_by is null)),
  add constraint a_stopped_clock_keeps_its_minutes
    check ((waiting_since is null) = (minutes_left is null)),
  add constraint what_is_decided_waits_for_nobody check (state = 'open' or waiting_since is null);

-- The queue is read in order of risk or of its clock, for one branch or for the whole bank.
create index reviews_of_a_branch on onboarding.reviews (branch, calm, opened_at, id)
  where state = 'open';
create index reviews_by_term on onboarding.reviews (due_at, id) where state = 'open';
create index reviews_of_a_branch_by_term on onboarding.reviews (branch, due_at, id)
  where state = 'open';
create index reviews_claimed on onboarding.reviews (claimed_by) where state = 'open';
create index reviews_assigned on onboarding.reviews (assigned_to) where state = 'open';
create index reviews_to_escalate on onboarding.reviews (due_at)
  where state = 'open' and escalated_at is null and waiting_since is null;
create index reviews_of_a_code on onboarding.reviews (uscc) where state = 'open';
create index reviews_decided on onboarding.reviews (decided_at) where state <> 'open';

-- Whose relative a firm's people are, without their numbers: a blind index is compared.
create table onboarding.staff_relatives (
  staff_id uuid not null,
  mark bytea not null,
  relation text not null,
  declared_at timestamptz not null,
  primary key (staff_id, mark),
  constraint relation_is_known check (relation in ('self', 'spouse', 'parent', 'child', 'sibling',
    'in_law', 'other'))
);
select core.directory_table('onboarding.staff_relatives');
revoke all on onboarding.staff_relatives from app, portal, worker;
revoke update on onboarding.staff_relatives from desk;
alter table onboarding.staff_relatives enable row level security;
alter table onboarding.staff_relatives force row level security;
create policy own_relatives on onboarding.staff_relatives to desk
  using (staff_id = core.staff()) with check (staff_id = core.staff());
create policy owner_maintains on onboarding.staff_relatives to owner using (true) with check (true);
create policy verify_reads on onboarding.staff_relatives for select to verify using (true);

-- When somebody is away, and who takes over what is assigned to them meanwhile.
create table onboarding.staff_absences (
  staff_id uuid not null,
  id uuid not null,
  stand_in uuid,
  from_at timestamptz not null,
  until_at timestamptz not null,
  declared_at timestamptz not null,
  primary key (staff_id, id),
  constraint absence_takes_time check (from_at < until_at),
  constraint nobody_stands_in_for_themselves check (stand_in <> staff_id)
);
create index absences_by_end on onboarding.staff_absences (until_at);
select core.directory_table('onboarding.staff_absences');
revoke insert, update on onboarding.staff_absences from app, portal, worker;

-- A document that the applicant is asked for while the review stays open and its clock stands.
create table onboarding.inquiries (
  business_id uuid not null,
  id uuid not null,
  review_id uuid not null,
  application_id uuid not null,
  kind text not null,
  reason text not null,
  state text not null default 'open',
  asked_by uuid not null,
  asked_at timestamptz not null,
  due_at timestamptz not null,
  file_id uuid,
  ended_at timestamptz,
  primary key (business_id, id),
  constraint an_inquiry_belongs_to_a_review foreign key (business_id, review_id)
    references onboarding.reviews (business_id, id),
  constraint inquiry_state_is_known check (state in ('open', 'answered', 'lapsed', 'withdrawn')),
  constraint an_answer_is_a_file check ((state = 'answered') = (file_id is not null)),
  constraint an_ended_inquiry_has_its_moment check ((state = 'open') = (ended_at is null))
);
create unique index one_open_inquiry_per_review on onboarding.inquiries (business_id, review_id)
  where state = 'open';
create index inquiries_by_term on onboarding.inquiries (due_at) where state = 'open';
select core.tenant_table('onboarding.inquiries');
select core.desk_works('onboarding.inquiries');

-- What was late, once for each review.
create table onboarding.escalations (
  business_id uuid not null,
  review_id uuid not null,
  branch text not null,
  due_at timestamptz not null,
  was_with uuid,
  at timestamptz not null,
  primary key (business_id, review_id),
  constraint an_escalation_belongs_to_a_review foreign key (business_id, review_id)
    references onboarding.reviews (business_id, id)
);
create index escalations_by_moment on onboarding.escalations (at, review_id);
select core.tenant_table('onboarding.escalations');
select core.desk_reads('onboarding.escalations');
revoke insert, update on onboarding.escalations from app, worker;
create trigger escalations_are_append_only before update or delete on onboarding.escalations
  for each row execute function core.refuse_change();

-- The second wall behind the rules: a decided review stays decided, and nobody takes a firm that
-- is theirs or a relative's.
create function onboarding.guard_review() returns trigger language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
begin
  if old.state <> 'open' then
    raise exception 'a decided review stays as it is' using errcode = 'XW002';
  end if;
  if core.staff() is not null and new.claimed_by = core.staff()
     and new.claimed_by is distinct from old.claimed_by and (
       exists (select from onboarding.staff_interests i
               where i.staff_id = core.staff() and i.uscc = new.uscc)
       or exists (select from onboarding.staff_relatives r
                  where r.staff_id = core.staff() and r.mark = any(new.people_marks))) then
    raise exception 'nobody reviews a firm of their own' using errcode = 'XW003';
  end if;
  return new;
end $$;
create trigger a_review_is_guarded before update on onboarding.reviews
  for each row execute function onboarding.guard_review();

create function onboarding.is_away(p_staff uuid, p_now timestamptz) returns boolean
  language sql stable set search_path = pg_catalog, pg_temp
  return exists (select from onboarding.staff_absences a
                 where a.staff_id = p_staff and a.from_at <= p_now and a.until_at > p_now);
create function onboarding.is_too_near(p_staff uuid, p_uscc text, p_marks bytea[]) returns boolean
  language sql stable set search_path = pg_catalog, pg_temp
  return exists (select from onboarding.staff_interests i
                 where i.staff_id = p_staff and i.uscc = p_uscc)
      or exists (select from onboarding.staff_relatives v
                 where v.staff_id = p_staff and v.mark = any(p_marks));

-- A supervisor lays many cases, of many firms, on one desk: what became of each is answered.
create function onboarding.assign_reviews(
    p_ids uuid[], p_to uuid, p_branch text, p_now timestamptz)
  returns table (review_id uuid, outcome text) language sql
  security definer set search_path = pg_catalog, pg_temp as $$
  with wanted as (
    select r.business_id, r.id,
      case
        when r.state <> 'open' then 'not_open'
        when p_to = any(r.approved_by) then 'approved_already'
        when onboarding.is_too_near(p_to, r.uscc, r.people_marks) then 'too_near'
        when r.claimed_by <> p_to and r.lease_until > p_now then 'claimed'
        else 'assigned' end as outcome
    from onboarding.firm_references f
    join onboarding.reviews r on r.business_id = f.business_id and r.id = f.object_id
    where f.object_id = any(p_ids) and core.staff() is not null
      and (p_branch is null or r.branch = p_branch)
      and exists (select from identity.staff s where s.id = core.staff()
                    and s.state = 'active' and s.role = 'supervisor')
    order by r.business_id, r.id for no key update of r
  ), done as (
    update onboarding.reviews r set assigned_to = p_to, assigned_by = core.staff()
    from wanted w
    where r.business_id = w.business_id and r.id = w.id and w.outcome = 'assigned'
  )
  select w.id, w.outcome from wanted w
$$;
revoke execute on function onboarding.assign_reviews from public;
grant execute on function onboarding.assign_reviews to desk;

-- Whoever is away keeps no cases: they go to the stand-in who is there, or back to everybody.
create function onboarding.hand_over_reviews(p_now timestamptz) returns bigint
  language sql security definer set search_path = pg_catalog, pg_temp as $$
  with moved as (
    update onboarding.reviews r set assigned_to = n.stand_in, assigned_by = n.stand_in
    from (
      select r.business_id, r.id,
        case when a.stand_in is not null and not onboarding.is_away(a.stand_in, p_now)
              and not onboarding.is_too_near(a.stand_in, r.uscc, r.people_marks)
              and a.stand_in <> all(r.approved_by)
             then a.stand_in end as stand_in
      from onboarding.staff_absences a
      join onboarding.reviews r on r.assigned_to = a.staff_id and r.state = 'open'
      where a.from_at <= p_now and a.until_at > p_now
      for no key update of r skip locked
    ) n
    where r.business_id = n.business_id and r.id = n.id
    returning 1
  )
  select count(*) from moved
$$;
revoke execute on function onboarding.hand_over_reviews, onboarding.is_away,
  onboarding.is_too_near from public;
grant execute on function onboarding.hand_over_reviews to nightly;

-- The clock's two looks over all firms: what is late now, once each; what was not answered.
create function onboarding.escalate_reviews(p_now timestamptz, p_central text) returns bigint
  language sql security definer set search_path = pg_catalog, pg_temp as $$
  with late as (
    select r.business_id, r.id, r.branch, r.due_at, coalesce(r.claimed_by, r.assigned_to) was_with,
      (select s.id from identity.staff s
       where s.state = 'active' and s.role = 'supervisor'
         and s.branch in (r.branch, p_central) and s.id <> all(r.approved_by)
         and not onboarding.is_away(s.id, p_now)
         and not onboarding.is_too_near(s.id, r.uscc, r.people_marks)
       order by s.branch = r.branch desc, md5(s.id::text || r.id::text) limit 1) supervisor
    from onboarding.reviews r
    where r.state = 'open' and r.escalated_at is null and r.waiting_since is null
      and r.due_at <= p_now
    order by r.due_at limit 1000 for no key update skip locked
  ), marked as (
    update onboarding.reviews r
    set escalated_at = p_now, assigned_to = l.supervisor, assigned_by = l.supervisor
    from late l where r.business_id = l.business_id and r.id = l.id
    returning r.business_id, r.id
  ), kept as (
    insert into onboarding.escalations (business_id, review_id, branch, due_at, was_with, at)
    select l.business_id, l.id, l.branch, l.due_at, l.was_with, p_now from late l
    on conflict do nothing
    returning business_id, review_id, branch
  ), told as (
    insert into core.outbox (id, name, business_id, actor, payload, at)
    select uuidv7(), 'onboarding.oversight.ReviewOverdue', k.business_id, 'system',
           jsonb_build_object('review_id', k.review_id, 'branch', k.branch), p_now
    from kept k
    returning 1
  )
  select count(*) from told
$$;
create function onboarding.lapsed_inquiries(p_now timestamptz, p_most int)
  returns table (business_id uuid, inquiry_id uuid) language sql stable
  security definer set search_path = pg_catalog, pg_temp
begin atomic
  select i.business_id, i.id from onboarding.inquiries i
  where i.state = 'open' and i.due_at <= p_now order by i.due_at limit p_most;
end;
revoke execute on function onboarding.escalate_reviews, onboarding.lapsed_inquiries from public;
grant usage on schema onboarding to nightly;
grant execute on function onboarding.escalate_reviews, onboarding.lapsed_inquiries to nightly;

-- migrate:down
-- forward only
