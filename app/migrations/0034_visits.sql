-- migrate:up
-- Branch visits: how many come at a time, and each firm's appointment.

create table onboarding.slots (
  branch text not null,
  starts_at timestamptz not null,
  capacity int not null,
  taken int not null,
  primary key (branch, starts_at),
  constraint a_slot_is_never_overbooked check (taken between 0 and capacity)
);
select core.directory_table('onboarding.slots');
revoke insert, update on onboarding.slots from portal;

create table onboarding.visits (
  business_id uuid not null,
  id uuid not null,
  application_id uuid not null,
  branch text not null,
  starts_at timestamptz not null,
  state text not null default 'booked',
  version int not null default 1,
  ticket text not null,
  booked_at timestamptz not null,
  checked_in_at timestamptz,
  completed_at timestamptz,
  completed_by uuid,
  identity_confirmed boolean not null default false,
  will_confirmed boolean not null default false,
  seals_taken boolean not null default false,
  primary key (business_id, id),
  constraint a_visit_belongs_to_an_application foreign key (business_id, application_id)
    references onboarding.applications (business_id, id),
  constraint visit_state_is_known
    check (state in ('booked', 'checked_in', 'completed', 'cancelled')),
  constraint nothing_is_completed_unconfirmed check (state <> 'completed'
    or (identity_confirmed and will_confirmed and seals_taken and completed_by is not null
        and completed_at is not null))
);
create unique index one_visit_at_a_time on onboarding.visits (business_id, application_id)
  where state in ('booked', 'checked_in', 'completed');
create index visits_of_a_day on onboarding.visits (branch, starts_at) where state <> 'cancelled';
select core.tenant_table('onboarding.visits');
select core.desk_works('onboarding.visits');

-- migrate:down
-- forward only
