-- migrate:up
-- Each office's part on its own way: who goes there, which attempt this is, and why one was refused.

alter table onboarding.registration_parts
  add column by_owner boolean not null default false,
  add column attempt int not null default 1,
  add column refused_code text,
  add column quota_fen bigint,
  add constraint attempts_are_counted_from_one check (attempt >= 1),
  add constraint only_a_failed_part_says_why check (refused_code is null or state = 'failed'),
  add constraint invoice_quota_is_an_amount check (quota_fen between 0 and 1000000000000000);

-- migrate:down
-- forward only
