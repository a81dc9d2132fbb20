-- name: products_on
-- Every product in force on a day with the prime rate of that day; one code or all.
select p.code, p.name_zh, p.name_en, p.min_draw_fen, p.cap_fen, r.rate_ppm as prime_rate_ppm,
       p.spread_ppm, p.penalty_ppm, p.methods, p.terms_months, p.min_months_registered,
       p.sales_share_ppm, p.tax_multiple_ppm, p.facility_months, p.principal_first_after_days
from lending.products p
join lending.prime_rates r on r.tenor = p.prime_tenor and r.valid @> :on::date
where p.valid @> :on::date and (:code::text is null or p.code = :code)
order by p.code;
