"""Pages, one a file: `PAGE` says what it answers and for whom, `render(reader)` shows it."""
