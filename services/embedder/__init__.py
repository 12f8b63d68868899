"""Text to vectors of 384 numbers, with the model run in this process.

`engine.Engine` is the public face; `config.EmbedderConfig` says which model it loads. Nothing is imported
here, so that naming the package costs nothing.
"""
