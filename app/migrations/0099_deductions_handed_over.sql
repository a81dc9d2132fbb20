-- migrate:up
-- What an authority has taken goes on to the authority's account: proposed by one, agreed by
-- another, sent once under one reference until its outcome is known.

alter table accounts.suspense_items
  drop constraint item_state_is_known,
  add constraint item_state_is_known check (state in ('open', 'assigned', 'handed_over')),
  add constraint only_deductions_are_handed_over
    check (state <> 'handed_over' or (source = 'deduction' and done_at is not null));

create table accounts.handovers (
  business_id uuid not null,
  item_id uuid not null,
  amount_fen bigint not null,
  payee_name text not null,
  payee_bank_code text not null,
  payee_sealed bytea not null,
  payee_account_tail text not null,
  memo text not null,
  state text not null default 'proposed',
  reason text not null default '',
  proposed_by uuid not null,
  proposed_at timestamptz not null,
  agreed_by uuid,
  agreed_at timestamptz,
  reference uuid,
  settled_on date,
  done_at timestamptz,
  ask_at timestamptz,
  asked int not null default 0,
  version int not null default 1,
  primary key (business_id, item_id),
  constraint handover_is_of_an_item foreign key (business_id, item_id)
    references accounts.suspense_items (business_id, id),
  constraint handover_amount_is_positive check (amount_fen > 0),
  constraint handover_state_is_known check (state in ('proposed', 'agreed', 'done', 'refused')),
  constraint handed_over_by_two_people
    check ((state = 'proposed') = (agreed_by is null) and agreed_by <> proposed_by),
  constraint a_done_handover_has_its_moment check ((state = 'done') = (done_at is not null))
);
create index handovers_to_ask on accounts.handovers (ask_at) where ask_at is not null;
create index handovers_of_a_reference on accounts.handovers (reference) where reference is not null;
create index handovers_of_all_firms on accounts.handovers (proposed_at, item_id)
  where state <> 'done';
select core.tenant_table('accounts.handovers');
select core.desk_works('accounts.handovers');
revoke all on accounts.handovers from app;

create function accounts.guard_handover() returns trigger language plpgsql as $$
begin
  if old.state = 'done' then
    raise exception 'the authority has its money' using errcode = 'XW002';
  end if;
  if session_user = 'desk' and (old.state = 'agreed' or new.state not in ('proposed', 'agreed')) then
    raise exception 'what was agreed is carried out as it was agreed' using errcode = 'XW003';
  end if;
  return new;
end $$;
create trigger handovers_go_their_way before update on accounts.handovers
  for each row execute function accounts.guard_handover();

-- Whose a reference is, and which references are overdue: the worker learns the firm on the way.
create function accounts.handover_named(p_reference text)
  returns table (business_id uuid, item_id uuid)
  language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select business_id, item_id from accounts.handovers
  where p_reference ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
    and reference = case when p_reference ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
                         then p_reference::uuid end
$$;
create function accounts.take_handovers_due(p_now timestamptz)
  returns table (reference text)
  language sql security definer set search_path = pg_catalog, pg_temp as $$
  update accounts.handovers h
  set asked = h.asked + 1,
      ask_at = p_now + make_interval(secs => least(3600, 30 * 2 ^ least(h.asked, 10)))
  where (h.business_id, h.item_id) in (
    select d.business_id, d.item_id from accounts.handovers d
    where d.ask_at <= p_now and d.state = 'agreed' and d.reference is not null
    order by d.ask_at, d.item_id limit 500 for no key update skip locked)
  returning h.reference::text
$$;
revoke execute on function accounts.handover_named, accounts.take_handovers_due from public;
grant execute on function accounts.handover_named, accounts.take_handovers_due to worker;

-- migrate:down
-- forward only
