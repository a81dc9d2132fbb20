-- migrate:up
-- From a simplified account to a full one: what the firm brings, and who at the bank decided.

create table onboarding.upgrades (
  business_id uuid not null,
  id uuid not null,
  application_id uuid not null,
  state text not null default 'asked',
  address_proof uuid not null,
  purpose text not null,
  expected_monthly_fen bigint not null,
  branch text not null,
  account_name text not null,
  uscc text not null,
  asked_at timestamptz not null,
  due_at timestamptz not null,
  decided_at timestamptz,
  decided_by uuid,
  codes text[] not null default '{}',
  primary key (business_id, id),
  constraint an_upgrade_is_of_an_application foreign key (business_id, application_id)
    references onboarding.applications (business_id, id),
  constraint upgrade_state_is_known check (state in ('asked', 'approved', 'refused')),
  constraint a_decided_upgrade_is_somebodys check ((state = 'asked') = (decided_at is null)
    and (state = 'asked') = (decided_by is null)),
  constraint a_refused_upgrade_says_why check (state <> 'refused' or cardinality(codes) > 0),
  constraint upgrade_amount_is_not_negative
    check (expected_monthly_fen between 0 and 1000000000000000)
);
select core.tenant_table('onboarding.upgrades');
select core.desk_works('onboarding.upgrades');
-- One at a time, and none after it was approved.
create unique index one_upgrade_of_an_account on onboarding.upgrades (business_id, application_id)
  where state in ('asked', 'approved');
-- The desk reads the open ones across all firms: here the tenant does not lead.
create index upgrades_asked on onboarding.upgrades (due_at, id) where state = 'asked';

-- migrate:down
-- forward only
