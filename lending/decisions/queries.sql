-- name: scorecard_on
-- The points table in force on a day.
select version, card from lending.scorecards where valid @> :on::date;

-- name: keep_decision
-- A decision is kept for ever with everything it was made from.
insert into lending.decisions (business_id, id, product_code, snapshot_id, scorecard_version,
  bureau, decided_on, score, eligible, limit_fen, reasons, decided_at)
values (:business_id, :id, :product_code, :snapshot_id, :scorecard_version, :bureau, :today,
  :score, :eligible, :limit_fen, :reasons, :now);

-- name: decisions
-- Several decisions of the firm in one trip.
select id, product_code, scorecard_version, decided_on, score, eligible, limit_fen, reasons
from lending.decisions where business_id = :business_id and id = any(:ids::uuid[]);
