"""The PowerPoint deck: finished figures, tables, equations and sentences, put in place."""
