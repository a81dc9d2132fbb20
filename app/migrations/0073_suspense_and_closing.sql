-- migrate:up
-- Money that cannot be booked home: on the bank's side of its firm, an item each, until the desk
-- has worked it off; and accounts that their owner wants closed.

create table accounts.suspense_items (
  business_id uuid not null,
  id uuid not null,
  source text not null,
  source_key text not null,
  account_id uuid not null,
  amount_fen bigint not null,
  reason text not null,
  state text not null default 'open',
  came_at timestamptz not null,
  to_account_id uuid,
  done_at timestamptz,
  done_by uuid,
  version int not null default 1,
  primary key (business_id, id),
  constraint one_item_per_source unique (business_id, source, source_key),
  constraint item_source_is_known
    check (source in ('payment_failed', 'payment_returned', 'fee_refund', 'deduction')),
  constraint item_amount_is_positive check (amount_fen > 0),
  constraint item_state_is_known check (state in ('open', 'assigned')),
  constraint an_assigned_item_has_its_account
    check ((state = 'assigned') = (to_account_id is not null and done_at is not null)),
  constraint what_an_authority_took_is_not_given_back
    check (source <> 'deduction' or state <> 'assigned'),
  foreign key (business_id, account_id) references accounts.deposits (business_id, id),
  foreign key (business_id, to_account_id) references accounts.deposits (business_id, id)
);
create index open_suspense_items on accounts.suspense_items (business_id, came_at)
  where state = 'open';
create index suspense_items_of_all_firms on accounts.suspense_items (came_at, id)
  where state = 'open';
select core.tenant_table('accounts.suspense_items');
select core.desk_works('accounts.suspense_items');

-- An owner's request to close an account, until the desk has closed or refused it.
create table accounts.closings (
  business_id uuid not null,
  id uuid not null,
  account_id uuid not null,
  rest_to_account_id uuid,
  reason text not null,
  state text not null default 'requested',
  answer text,
  asked_by uuid not null,
  asked_at timestamptz not null,
  done_at timestamptz,
  done_by uuid,
  version int not null default 1,
  primary key (business_id, id),
  constraint closing_state_is_known
    check (state in ('requested', 'settled', 'withdrawn', 'refused', 'closed')),
  constraint rest_goes_to_another_account check (rest_to_account_id <> account_id),
  constraint a_done_closing_has_a_moment
    check ((state in ('withdrawn', 'refused', 'closed')) = (done_at is not null)),
  foreign key (business_id, account_id) references accounts.deposits (business_id, id),
  foreign key (business_id, rest_to_account_id) references accounts.deposits (business_id, id)
);
create unique index one_open_closing_per_account on accounts.closings (business_id, account_id)
  where state in ('requested', 'settled');
create index closings_of_all_firms on accounts.closings (asked_at, id)
  where state in ('requested', 'settled');
select core.tenant_table('accounts.closings');
select core.desk_works('accounts.closings');

-- migrate:down
-- forward only
