-- migrate:up
-- Questions that name who may answer: places by role, in order or not; by when; and who stands in
-- for whom during absence. A firm's own rules on its payments stand on top of it.

alter table core.approvals
  add column steps jsonb not null default '[]',
  add column in_order boolean not null default false,
  add column step_up boolean not null default false,
  add column remind_at timestamptz,
  add column reminded_at timestamptz,
  add column expires_at timestamptz,
  drop constraint approval_state_is_known,
  add constraint approval_state_is_known
    check (state in ('open', 'approved', 'rejected', 'withdrawn', 'expired')),
  add constraint every_place_has_its_roles
    check (jsonb_typeof(steps) = 'array' and jsonb_array_length(steps) in (0, levels)),
  add constraint a_reminder_comes_before_the_end check (remind_at < expires_at);
-- Payments that wait already are put to those who could answer until now.
update core.approvals set steps = '[["owner", "finance", "checker"]]'
where kind = 'payment' and state = 'open' and levels = 1;
create index approvals_that_end on core.approvals (expires_at)
  where state = 'open' and expires_at is not null;

alter table core.approval_decisions
  add column role text not null default '',
  add column stands_for uuid;

create table core.delegations (
  business_id uuid not null,
  id uuid not null,
  from_person uuid not null,
  to_person uuid not null,
  from_at timestamptz not null,
  until_at timestamptz not null,
  made_at timestamptz not null,
  ended_at timestamptz,
  primary key (business_id, id),
  constraint nobody_stands_in_for_themselves check (from_person <> to_person),
  constraint an_absence_ends
    check (until_at > from_at and until_at <= from_at + interval '92 days')
);
create index delegations_to on core.delegations (business_id, to_person, until_at);
select core.tenant_table('core.delegations');

-- One human may have two phones and so two people here: the same identity number tells.
alter table identity.people add column resident_index bytea;
create index people_by_resident on identity.people (resident_index)
  where resident_index is not null;
create function identity.is_one_of(p_person uuid, p_principals text[]) returns boolean
  language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce('person:' || p_person = any(p_principals), false) or exists (
    select from identity.people me
    join identity.people other on other.resident_index = me.resident_index
    where me.person_id = p_person and 'person:' || other.person_id = any(p_principals))
$$;
revoke execute on function identity.is_one_of from public;
grant execute on function identity.is_one_of to app, worker, desk;

create or replace function core.guard_decision() returns trigger language plpgsql as $$
declare
  v_person uuid := case when new.principal like 'person:%'
                        then substr(new.principal, 8)::uuid end;
  v_asked record;
begin
  select a.excluded || a.requested_by as barred, a.scope, a.steps, a.state into v_asked
  from core.approvals a where a.business_id = new.business_id and a.id = new.approval_id;
  if not found then
    raise exception 'there is no such question' using errcode = 'XW003';
  end if;
  if new.principal = any(v_asked.barred)
     or (v_person is not null and identity.is_one_of(v_person, v_asked.barred))
     or 'person:' || new.stands_for = any(v_asked.barred) then
    raise exception 'nobody approves what they asked for' using errcode = 'XW003';
  end if;
  if new.principal <> core.principal()
     or new.principal not like
        (case v_asked.scope when 'bank' then 'staff:%' else 'person:%' end) then
    raise exception 'only the one signed in decides, on their own side of the counter'
      using errcode = 'XW003';
  end if;
  if v_asked.steps <> '[]' and (
       not exists (select from jsonb_array_elements(v_asked.steps) place where place ? new.role)
       or not exists (
         select from identity.memberships m
         where m.business_id = new.business_id and m.state = 'active' and m.role = new.role
           and m.person_id = coalesce(new.stands_for, v_person))
       or (new.stands_for is not null and not exists (
         select from core.delegations d
         where d.business_id = new.business_id and d.to_person = v_person
           and d.from_person = new.stands_for and d.ended_at is null
           and d.from_at <= new.decided_at and new.decided_at < d.until_at))) then
    raise exception 'this question is not put to that role' using errcode = 'XW003';
  end if;
  return new;
end $$;

-- A question, once asked, is not rewritten, and is approved by its answers alone.
create function core.guard_question() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.state <> 'open' then
      raise exception 'a question is asked open' using errcode = 'XW003';
    end if;
    return new;
  end if;
  if (new.business_id, new.id, new.kind, new.object_id, new.version, new.scope, new.levels,
      new.excluded, new.requested_by, new.steps, new.in_order, new.step_up)
     is distinct from
     (old.business_id, old.id, old.kind, old.object_id, old.version, old.scope, old.levels,
      old.excluded, old.requested_by, old.steps, old.in_order, old.step_up)
     or (old.state <> 'open' and new.state <> old.state) then
    raise exception 'a question is not rewritten' using errcode = 'XW003';
  end if;
  if new.state = 'approved' and old.state <> 'approved' and (
       select count(*) from core.approval_decisions d
       where d.business_id = new.business_id and d.approval_id = new.id and d.approve)
       < new.levels then
    raise exception 'not enough people have agreed' using errcode = 'XW003';
  end if;
  return new;
end $$;
create trigger a_question_is_settled_by_its_answers before insert or update on core.approvals
  for each row execute function core.guard_question();

-- Rings for what has waited long and ends what has waited too long, over all firms at once.
create function core.ring_for_approvals(p_now timestamptz) returns bigint
  language sql security definer set search_path = pg_catalog, pg_temp as $$
  with late as (
    update core.approvals a set state = 'expired', settled_at = p_now
    where a.state = 'open' and a.expires_at <= p_now
    returning a.business_id, a.kind, a.object_id, a.version
  ), slow as (
    update core.approvals a set reminded_at = p_now
    where a.state = 'open' and a.expires_at > p_now and a.remind_at <= p_now
      and a.reminded_at is null
    returning a.business_id, a.kind, a.object_id, a.id
  ), told as (
    insert into core.outbox (id, name, business_id, actor, payload, at)
    select uuidv7(), 'app.approvals.ApprovalExpired', l.business_id, 'system',
           jsonb_build_object('kind', l.kind, 'object_id', l.object_id, 'version', l.version), p_now
    from late l
    union all
    select uuidv7(), 'app.approvals.ApprovalWaits', s.business_id, 'system',
           jsonb_build_object('approval_id', s.id, 'kind', s.kind, 'object_id', s.object_id), p_now
    from slow s
    returning 1
  )
  select count(*) from told
$$;
revoke execute on function core.ring_for_approvals from public;
grant execute on function core.ring_for_approvals to nightly;

-- A firm's mandate: lines in order, the first that fits a payment decides. A new version is
-- proposed, and takes force by the owner's step-up or by another owner's agreement.
create table accounts.mandates (
  business_id uuid not null,
  id uuid not null,
  version int not null,
  lines jsonb not null,
  state text not null,
  made_by uuid not null,
  made_at timestamptz not null,
  in_force_at timestamptz,
  primary key (business_id, id),
  constraint one_mandate_per_version unique (business_id, version),
  constraint mandate_state_is_known
    check (state in ('proposed', 'in_force', 'replaced', 'rejected')),
  constraint mandate_lines_are_a_list check (jsonb_typeof(lines) = 'array'),
  constraint a_mandate_in_force_began
    check (state not in ('in_force', 'replaced') or in_force_at is not null)
);
create unique index one_mandate_in_force on accounts.mandates (business_id)
  where state = 'in_force';
create unique index one_mandate_proposed on accounts.mandates (business_id)
  where state = 'proposed';
select core.tenant_table('accounts.mandates');

insert into accounts.policies (kind, valid, value, source) values
  ('approvals.waiting', '[2018-01-01,)', '{"remind_hours": 4, "expire_hours": 168}',
   'bank policy: approvers are reminded after four hours, a question ends after seven days');

grant select on accounts.mandates to ledger_owner;
create policy lane_reads on accounts.mandates for select to ledger_owner using (true);

-- migrate:down
-- forward only
