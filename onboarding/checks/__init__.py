"""What the bank checks by itself before a person looks, and the evidence it keeps."""
