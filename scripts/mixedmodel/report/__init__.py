"""What people look at: figures, tables, equations, slides. Arrays and frames in, never paths."""
