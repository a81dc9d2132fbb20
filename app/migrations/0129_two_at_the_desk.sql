-- migrate:up
-- Two of the bank's people decide a dispute about escrow and take a live monitor rule out; and
-- every date is compared with the clearing house item by item.

-- One person's decision about a dispute, until another one agrees to exactly that.
create table accounts.escrow_proposals (
  business_id uuid not null,
  escrow_id uuid not null,
  decision jsonb not null,
  proposed_by uuid not null,
  proposed_at timestamptz not null,
  primary key (business_id, escrow_id),
  constraint proposal_is_of_an_escrow foreign key (business_id, escrow_id)
    references accounts.escrows (business_id, id)
);
select core.tenant_table('accounts.escrow_proposals');
select core.desk_works('accounts.escrow_proposals');
revoke all on accounts.escrow_proposals from app, worker;

alter table accounts.monitor_rules
  add column retire_wanted_by text,
  add column retire_wanted_because text,
  add constraint a_wish_to_retire_has_its_reason
    check ((retire_wanted_by is null) = (retire_wanted_because is null));

create function accounts.guard_retirement() returns trigger language plpgsql as $$
begin
  -- A newer version that two people put live takes the older one's place.
  if old.state = 'live' and new.state = 'retired' and new.ended_because <> 'a newer version'
     and (old.retire_wanted_by is null or old.retire_wanted_by = core.principal()) then
    raise exception 'two people take a live rule out' using errcode = 'XW003';
  end if;
  return new;
end $$;
create trigger two_people_retire_a_live_rule before update on accounts.monitor_rules
  for each row execute function accounts.guard_retirement();

-- What the clearing house says of a date, item by item, while one comparison runs.
create table accounts.their_items (
  comparison_id uuid not null,
  direction text not null,
  reference text not null collate "C",
  line_no int not null,
  amount_fen bigint not null,
  told_at timestamptz not null,
  primary key (comparison_id, direction, reference, line_no)
);
create index their_items_by_age on accounts.their_items (told_at);
select core.local_table('accounts.their_items');
revoke all on accounts.their_items from app;

-- migrate:down
-- forward only
