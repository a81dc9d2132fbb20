-- name: callback_delivered_without_an_answer
-- What counts as delivered was taken by its endpoint in one of its attempts.
select c.client_id, c.id from onboarding.callbacks c
where c.state = 'delivered' and not exists (
  select from onboarding.callback_deliveries d
  where d.client_id = c.client_id and d.callback_id = c.id and d.outcome = 'taken');

-- name: callback_given_up_too_early
-- A dead letter has had all its attempts, or its endpoint was closed.
select c.client_id, c.id, c.tries from onboarding.callbacks c
where c.state = 'dead' and c.tries < 15 and not exists (
  select from onboarding.callback_deliveries d
  where d.client_id = c.client_id and d.callback_id = c.id
    and (d.outcome = 'disabled' or d.status = 410));
