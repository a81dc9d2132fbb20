-- migrate:up
-- One N-level approval service for firms and for the bank's own four eyes.

create table core.approvals (
  business_id uuid not null,
  id uuid not null,
  kind text not null,
  object_id uuid not null,
  version int not null,
  scope text not null,
  levels int not null,
  amount_fen bigint,
  excluded text[] not null default '{}',
  requested_by text not null,
  requested_at timestamptz not null,
  state text not null default 'open',
  settled_at timestamptz,
  primary key (business_id, id),
  constraint one_open_approval_per_object unique (business_id, kind, object_id, version),
  constraint scope_is_known check (scope in ('firm', 'bank')),
  constraint levels_are_sane check (levels between 1 and 5),
  constraint approval_state_is_known check (state in ('open', 'approved', 'rejected', 'withdrawn')),
  constraint settled_has_a_moment check ((state = 'open') = (settled_at is null))
);
create index approvals_open on core.approvals (business_id, requested_at, id) where state = 'open';
select core.tenant_table('core.approvals');
select core.desk_works('core.approvals');

create table core.approval_decisions (
  business_id uuid not null,
  approval_id uuid not null,
  principal text not null,
  approve boolean not null,
  reason text not null default '',
  decided_at timestamptz not null,
  primary key (business_id, approval_id, principal),
  foreign key (business_id, approval_id) references core.approvals (business_id, id)
);
select core.tenant_table('core.approval_decisions');
select core.desk_works('core.approval_decisions');
create trigger decisions_are_final before update or delete on core.approval_decisions
  for each row execute function core.refuse_change();

-- The requester and everyone excluded (the maker) may not decide: the second wall behind rules.
create function core.guard_decision() returns trigger language plpgsql as $$
begin
  if exists (select from core.approvals a
             where a.business_id = new.business_id and a.id = new.approval_id
               and (new.principal = any(a.excluded) or new.principal = a.requested_by)) then
    raise exception 'nobody approves what they asked for' using errcode = 'XW003';
  end if;
  if new.principal <> core.principal() or not exists (
      select from core.approvals a
      where a.business_id = new.business_id and a.id = new.approval_id
        and new.principal like case a.scope when 'bank' then 'staff:%' else 'person:%' end) then
    raise exception 'only the one signed in decides, on their own side of the counter'
      using errcode = 'XW003';
  end if;
  return new;
end $$;
create trigger nobody_decides_their_own before insert on core.approval_decisions
  for each row execute function core.guard_decision();

-- migrate:down
-- forward only
