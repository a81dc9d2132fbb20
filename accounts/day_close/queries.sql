-- name: close_dates
-- No more postings up to a date; true once whoever could not know that has ended.
select ledger.close_dates(:until);

-- name: first_unsealed
-- Where sealing goes on: the first date without a row of every firm.
select ledger.first_unsealed();

-- name: seal_day
-- The rows of the next firms for a closed date, in one statement.
select firms, sealed, last_firm from ledger.seal_day(:on, :after, :most);

-- name: day_digest
-- One figure over all rows of a date, kept where the ledger's owner cannot reach it.
select ledger.day_digest(:on);

-- name: mark_sealed
-- The date is whole; the function refuses while a firm is missing.
select ledger.mark_sealed(:on);

-- name: closing
-- Up to where nothing is booked any more, and up to where every firm is sealed.
select closed_until, sealed_until from ledger.closing;

-- name: bank_totals
-- The whole bank on one date: sealed rows only, so no firm moves while they are added up.
select currency::text as currency, count(*) as firms, sum(entries) as entries,
       sum(clearing_fen)::bigint as clearing_fen,
       sum(firm_postings) as firm_postings, sum(firm_opening_fen)::bigint as firm_opening_fen,
       sum(firm_in_fen)::bigint as firm_in_fen, sum(firm_out_fen)::bigint as firm_out_fen,
       sum(firm_closing_fen)::bigint as firm_closing_fen,
       sum(bank_postings) as bank_postings, sum(bank_opening_fen)::bigint as bank_opening_fen,
       sum(bank_in_fen)::bigint as bank_in_fen, sum(bank_out_fen)::bigint as bank_out_fen,
       sum(bank_closing_fen)::bigint as bank_closing_fen
from ledger.day_closes where closed_on = :on group by currency order by currency;

-- name: missing
-- Firms whose day is not sealed, a page at a time.
select business_id, last_sealed_on from ledger.missing_closes(:on, :after, :most);
