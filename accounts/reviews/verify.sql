-- name: payment_under_review_without_its_case
-- A payment is held exactly while its case is open, or its decision is being carried out.
select p.business_id, p.id, p.state, r.state as review
from accounts.payments p
left join accounts.payment_reviews r on r.business_id = p.business_id and r.payment_id = p.id
where (p.state = 'under_review' and r.payment_id is null)
   or (r.state = 'open' and p.state <> 'under_review')
   or (r.state = 'called_off' and p.state <> 'cancelled')
   or (r.state = 'refused' and p.state not in ('under_review', 'rejected'));

-- name: held_payment_released_by_too_few
-- As many different people of the bank agreed as the amount asked for.
select r.business_id, r.payment_id from accounts.payment_reviews r
where r.state = 'released'
  and (select count(distinct a) from unnest(r.approved_by) a) < r.levels;
