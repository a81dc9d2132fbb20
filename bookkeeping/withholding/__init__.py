"""Income tax withheld at source: wages by accumulation, bonuses, labour and royalties."""
