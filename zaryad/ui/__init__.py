"""The page kit: texts of three languages, numbers in words, templates, static files."""
