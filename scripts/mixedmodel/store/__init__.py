"""Files in and out: text tables, Parquet with schemas, JSON; results appear whole or not at all."""
