-- migrate:up
-- One book of counterparties per firm; account numbers sealed, found by a blind index.

create table accounts.parties (
  business_id uuid not null,
  id uuid not null,
  name text not null,
  account_sealed bytea not null,
  account_index bytea not null,
  account_tail text not null,
  bank_code text not null,
  uscc text,
  roles text[] not null,
  state text not null default 'active',
  trusted boolean not null default false,
  trusted_by uuid,
  cooling_until timestamptz not null,
  version int not null default 1,
  created_at timestamptz not null,
  primary key (business_id, id),
  constraint party_bank_code_is_12_digits check (bank_code ~ '^[0-9]{12}$'),
  constraint party_roles_are_known
    check (roles <@ array['payee', 'customer', 'supplier'] and cardinality(roles) > 0),
  constraint party_state_is_known check (state in ('active', 'closed')),
  constraint trust_is_somebodys check (trusted = (trusted_by is not null))
);
create unique index party_account_is_entered_once
  on accounts.parties (business_id, account_index, bank_code) where state = 'active';
create index parties_by_uscc on accounts.parties (business_id, uscc) where uscc is not null;
select core.tenant_table('accounts.parties');

-- migrate:down
-- forward only
