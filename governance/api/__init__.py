"""The base of the API, which every app's endpoints stand on, and the endpoints of governance's own rows."""
