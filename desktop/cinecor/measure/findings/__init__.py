"""What a reader should look at before trusting the numbers, and what each of it bears on."""
