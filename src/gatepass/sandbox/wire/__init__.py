"""AWS's protocols over HTTP: calls as they arrive, operations as they are meant, answers and refusals."""
