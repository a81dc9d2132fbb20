-- name: look
-- What is known of a payment, the rules in force and the terms: one trip.
select accounts.payment_features(:business_id, :payment_id) as features,
       (select p.value from accounts.policies p
        where p.kind = 'monitors.terms' and p.valid @> :today::date) as terms,
       coalesce((select jsonb_agg(jsonb_build_object(
                   'id', r.id, 'code', r.code, 'version', r.version, 'conditions', r.conditions,
                   'score', r.score, 'owner_zh', r.owner_zh, 'owner_en', r.owner_en,
                   'live', r.state = 'live') order by r.code)
                 from accounts.monitor_rules r where r.state in ('live', 'shadow')),
                '[]') as rules;

-- name: keep_verdict
-- Only what stood out is kept.
insert into accounts.monitor_verdicts
  (business_id, payment_id, at, amount_fen, action, score, shadow_action, shadow_score, fired,
   features)
values (:business_id, :payment_id, :now, :amount_fen, :action, :score, :shadow_action,
        :shadow_score, :fired, :features);

-- name: open_review
-- A held payment enters the desk's queue in the transaction that holds it.
insert into accounts.payment_reviews
  (business_id, payment_id, amount_fen, score, rule_ids, owner_zh, owner_en, levels, due_at,
   opened_at)
values (:business_id, :payment_id, :amount_fen, :score, :rule_ids, :owner_zh, :owner_en, :levels,
        :due_at, :now);

-- name: call_off_review
-- The payment was called off: it leaves the queue.
update accounts.payment_reviews
set state = 'called_off', decided_at = :now, claimed_by = null, lease_until = null
where business_id = :business_id and payment_id = :payment_id and state = 'open';

-- name: keep_outcomes
-- What a stopped payment turned out to be, for each rule that stopped it; the first word stands.
insert into accounts.monitor_outcomes (rule_id, payment_id, outcome, said_by, at)
select rule_id, :payment_id, :outcome, :said_by, :now from unnest(:rule_ids::uuid[]) rule_id
on conflict do nothing;

-- name: active_rules
-- The rules in force, for a replay.
select r.id, r.code, r.version, r.conditions, r.score, r.owner_zh, r.owner_en,
       r.state = 'live' as live
from accounts.monitor_rules r where r.state in ('live', 'shadow') order by r.code;

-- name: add_rule
-- A new version of a rule, on top of those there are.
insert into accounts.monitor_rules
  (id, code, version, family, conditions, score, staff_zh, staff_en, owner_zh, owner_en, made_by,
   made_at)
select :id, :code, coalesce(max(r.version), 0) + 1, :family, :conditions, :score, :staff_zh,
       :staff_en, :owner_zh, :owner_en, :principal, :now
from accounts.monitor_rules r where r.code = :code
returning id, code, version, family, conditions, score, staff_zh, staff_en, owner_zh, owner_en,
          state, made_by, made_at, proposed_by, approved_by, replay_id, live_at, ended_at,
          ended_because, retire_wanted_by, retire_wanted_because;

-- name: rule
-- One version of a rule.
select id, code, version, family, conditions, score, staff_zh, staff_en, owner_zh, owner_en,
       state, made_by, made_at, proposed_by, approved_by, replay_id, live_at, ended_at,
       ended_because, retire_wanted_by, retire_wanted_because
from accounts.monitor_rules where id = :id;

-- name: lock_rule
-- One decision about a version at a time.
select id, code, version, family, conditions, score, staff_zh, staff_en, owner_zh, owner_en,
       state, made_by, made_at, proposed_by, approved_by, replay_id, live_at, ended_at,
       ended_because, retire_wanted_by, retire_wanted_because
from accounts.monitor_rules where id = :id for no key update;

-- name: rules_page
-- All versions, by code, the newest of a code first.
select id, code, version, family, conditions, score, staff_zh, staff_en, owner_zh, owner_en,
       state, made_by, made_at, proposed_by, approved_by, replay_id, live_at, ended_at,
       ended_because, retire_wanted_by, retire_wanted_because
from accounts.monitor_rules
where (:state::text is null or state = :state)
  and (:after_code::text is null or (code, -version) > (:after_code, -:after_version::int))
order by code, -version limit :most;

-- name: retire_others
-- One version of a code watches, one is live: the older one makes room.
update accounts.monitor_rules
set state = 'retired', ended_at = :now, ended_because = :because
where code = :code and state = :state and id <> :id;

-- name: put_in_shadow
-- From here on the version watches and stops nothing.
update accounts.monitor_rules set state = 'shadow' where id = :id;

-- name: propose
-- Somebody wants this version to go live, by this replay.
update accounts.monitor_rules set proposed_by = :principal, replay_id = :replay_id
where id = :id;

-- name: put_live
-- Another person agreed: from the next payment on it stops what it finds.
update accounts.monitor_rules set state = 'live', approved_by = :principal, live_at = :now
where id = :id;

-- name: want_retired
-- One person wants a live version out; another must say so too.
update accounts.monitor_rules
set retire_wanted_by = :principal, retire_wanted_because = :because where id = :id;

-- name: retire
-- The version is out; what it found stays.
update accounts.monitor_rules
set state = 'retired', ended_at = :now, ended_because = :because where id = :id;

-- name: figures
-- What a version did in ninety days, and what became of what it stopped.
select (select count(*) from accounts.monitor_verdicts v
        where v.at > :now::timestamptz - interval '90 days'
          and v.fired @> :fired::jsonb)::int as fired,
       (select count(*) from accounts.monitor_verdicts v
        where v.at > :now::timestamptz - interval '90 days' and v.action = 'hold'
          and v.fired @> :stopping::jsonb)::int as held,
       (select count(*) from accounts.monitor_verdicts v
        where v.at > :now::timestamptz - interval '90 days' and v.action = 'refuse'
          and v.fired @> :stopping::jsonb)::int as refused,
       (select count(*) from accounts.monitor_outcomes o
        where o.rule_id = :rule_id and o.outcome = 'good')::int as good,
       (select count(*) from accounts.monitor_outcomes o
        where o.rule_id = :rule_id and o.outcome = 'bad')::int as bad;

-- name: add_replay
-- A replay begins; its job moves it on.
insert into accounts.rule_replays (id, rule_id, from_at, until_at, asked_by, asked_at)
values (:id, :rule_id, :from_at, :now, :principal, :now);

-- name: newest_replay
-- The newest replay of a version.
select id, rule_id, from_at, until_at, asked_at, state, payments, looked_at, fired, would_hold,
       would_refuse, newly_stopped, good_stopped, bad_stopped, bad_missed, examples, finished_at
from accounts.rule_replays where rule_id = :rule_id order by asked_at desc, id desc limit 1;

-- name: replay_slice_state
-- Where a replay stands.
select id, rule_id, from_at, until_at, state, after_business, after_payment, examples
from accounts.rule_replays where id = :id;

-- name: replay_size
-- How many payments a replay has before it.
select accounts.replay_size(:from_at, :until_at, :amount_from);

-- name: replay_slice
-- The next past payments with what was known of each.
select business_id, payment_id, label, features
from accounts.replay_slice(:from_at, :until_at, :amount_from, :after_business, :after_payment,
                           :most);

-- name: start_counting
-- How much there is to look at.
update accounts.rule_replays set payments = :payments where id = :id and looked_at = 0;

-- name: move_on
-- One slice is done; a job that ran twice finds the replay elsewhere and adds nothing.
update accounts.rule_replays
set after_business = :to_business, after_payment = :to_payment, looked_at = looked_at + :looked_at,
    fired = fired + :fired, would_hold = would_hold + :would_hold,
    would_refuse = would_refuse + :would_refuse, newly_stopped = newly_stopped + :newly_stopped,
    good_stopped = good_stopped + :good_stopped, bad_stopped = bad_stopped + :bad_stopped,
    bad_missed = bad_missed + :bad_missed, examples = :examples
where id = :id and state = 'running' and after_business = :after_business
  and after_payment = :after_payment;

-- name: finish_replay
-- Nothing is left to look at.
update accounts.rule_replays
set state = 'done', finished_at = :now, payments = looked_at
where id = :id and state = 'running';

-- name: roll_up
-- Closed days become one row each.
select accounts.roll_up_payments(:on);
