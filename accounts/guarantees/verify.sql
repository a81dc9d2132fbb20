-- name: guarantee_says_something_else
-- What a beneficiary was told of the version that stands is what the payer's firm has.
select g.business_id, g.id, g.told_version
from accounts.guarantees g
left join accounts.escrows e on e.business_id = g.payer_business_id and e.id = g.id
left join ledger.accounts a on a.business_id = e.business_id and a.id = e.escrow_account_id
where e.id is null or e.beneficiary_business_id <> g.business_id
   or g.told_version > e.version
   or (g.told_version = e.version
       and ((g.shown ->> 'state') <> e.state
            or (g.shown ->> 'amount_fen')::bigint <> e.amount_fen));
