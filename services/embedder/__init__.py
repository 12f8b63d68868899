"""Text to vectors of 384 numbers, with the model run in this process.

`engine.Engine` is the public face; `config.EmbedderConfig` says which model it loads. Nothing of the model is imported
here, so that naming the package costs nothing.
"""

import os

# ONNX Runtime reports models and machine to its maker unless this is set before it is loaded.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
