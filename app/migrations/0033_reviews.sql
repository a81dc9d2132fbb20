-- migrate:up
-- The reviewers' queue: one review per round of an application.

create table onboarding.reviews (
  business_id uuid not null,
  id uuid not null,
  application_id uuid not null,
  version int not null,
  round int not null,
  branch text not null,
  levels int not null,
  approvals int not null default 0,
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
  constraint a_decided_review_has_its_moment check ((state = 'open') = (decided_at is null))
);
-- The queue reads across all firms in risk order: the one place where the tenant does not lead.
create index reviews_in_risk_order on onboarding.reviews (risk_score desc, opened_at, id)
  where state = 'open';
select core.tenant_table('onboarding.reviews');
select core.desk_works('onboarding.reviews');

-- migrate:down
-- forward only
