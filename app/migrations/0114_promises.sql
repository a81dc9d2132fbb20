-- migrate:up
-- By when each side of an opening acts.

insert into accounts.policies (kind, valid, value, source) values
  ('onboarding.promises', '[2018-01-01,)',
   '{"check_minutes": 10, "review_working_days": 1, "applicant_days": 30}',
   'bank policy: machines within ten minutes, reviewers by the close of the next working day, an '
   'applicant within thirty days');

-- migrate:down
-- forward only
