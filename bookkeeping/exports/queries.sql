-- name: lines
-- Every line of the books in their order; one more than the limit tells that there are more.
select v.dated_on, v.word, v.number, v.kind, v.summary, l.line_no, l.account_code as account,
       l.debit_fen, l.credit_fen, l.memo, p.name as party
from bookkeeping.vouchers v
join bookkeeping.lines l on l.business_id = :business_id and l.voucher_id = v.id
left join bookkeeping.parties p on p.business_id = :business_id and p.id = l.party_id
where v.business_id = :business_id
order by v.dated_on, v.number, v.id, l.line_no
limit :limit;
