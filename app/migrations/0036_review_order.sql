-- migrate:up
-- The queue's order as a stored column: an expression in the index is not leakproof, so that row
-- level security kept it from being searched, and a late page read everything before it.

alter table onboarding.reviews
  add column calm int not null generated always as (1000000 - risk_score) stored;
drop index onboarding.reviews_in_risk_order;
create index reviews_in_risk_order on onboarding.reviews (calm, opened_at, id)
  where state = 'open';

-- migrate:down
-- forward only
