-- migrate:up
-- The reviewers' queue: one review per round of an application.

-- Firms a member of staff has an interest in, as they declared it: they may not review those.
create table onboarding.staff_interests (
  staff_id uuid not null,
  uscc text not null,
  reason text not null,
  declared_at timestamptz not null,
  primary key (staff_id, uscc)
);
select core.directory_table('onboarding.staff_interests');
revoke insert, update on onboarding.staff_interests from app, portal, worker;
revoke update on onboarding.staff_interests from desk;

create table onboarding.reviews (
  business_id uuid not null,
  id uuid not null,
  application_id uuid not null,
  version int not null,
  round int not null,
  branch text not null,
  uscc text not null,
  levels int not null,
  approved_by uuid[] not null default '{}',
  risk_score int not null,
  reason_codes text[] not null,
  account_name text not null,
  state text not null default 'open',
  claimed_by uuid,
  lease_until timestamptz,
  due_at timestamptz not null,
  opened_at timestamptz not null,
  decided_at timestamptz,
  primary key (business_id, id),
  constraint a_review_belongs_to_an_application foreign key (business_id, application_id)
    references onboarding.applications (business_id, id),
  constraint one_review_per_round unique (business_id, application_id, round),
  constraint review_state_is_known
    check (state in ('open', 'approved', 'refused', 'returned', 'withdrawn')),
  constraint a_claim_has_a_lease check ((claimed_by is null) = (lease_until is null)),
  constraint a_decided_review_has_its_moment check ((state = 'open') = (decided_at is null)),
  constraint nobody_counts_twice check (cardinality(approved_by) <= levels),
  constraint approved_by_as_many_as_asked
    check (state <> 'approved' or cardinality(approved_by) = levels)
);
-- The queue is read across all firms in risk order: here the tenant does not lead.
create index reviews_in_risk_order on onboarding.reviews ((-risk_score), opened_at, id)
  where state = 'open';
select core.tenant_table('onboarding.reviews');
select core.desk_works('onboarding.reviews');

-- migrate:down
-- forward only
