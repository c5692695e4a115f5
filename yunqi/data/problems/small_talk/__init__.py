"""What people say to a model beside questions: phrases by kind and language, and what the model replies."""
