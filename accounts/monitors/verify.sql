-- name: held_verdict_without_its_review
-- Every payment a monitor held or refused is where it belongs: reviewed, or refused.
select v.business_id, v.payment_id, v.action, p.state
from accounts.monitor_verdicts v
join accounts.payments p on p.business_id = v.business_id and p.id = v.payment_id
left join accounts.payment_reviews r
  on r.business_id = v.business_id and r.payment_id = v.payment_id
where (v.action = 'refuse' and p.state <> 'refused')
   or (v.action = 'hold' and r.payment_id is null and p.state <> 'refused')
   or (v.action = 'pass' and r.payment_id is not null);

-- name: live_rule_without_its_replay
-- A version that is or was live had been run over past payments, all of them, before.
select r.id, r.code, r.version
from accounts.monitor_rules r
left join accounts.rule_replays y on y.id = r.replay_id and y.rule_id = r.id
where r.live_at is not null
  and (y.id is null or y.state <> 'done' or y.finished_at > r.live_at or y.looked_at < y.payments);

-- name: rule_put_live_by_one
-- Two different people put a version live.
select r.id, r.code, r.version from accounts.monitor_rules r
where r.live_at is not null and r.proposed_by is not distinct from r.approved_by;
