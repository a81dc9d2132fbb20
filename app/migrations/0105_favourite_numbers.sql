-- migrate:up
-- How long a number may be held and how many are offered at once, by date.

insert into accounts.policies (kind, valid, value, source) values
  ('numbers.terms', '[2018-01-01,)', '{"hold_minutes": 30, "offers": 12}',
   'bank policy: a wished-for number is kept half an hour, one for each firm at a time');

-- migrate:down
-- forward only
